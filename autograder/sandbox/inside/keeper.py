"""Keeps what a sandbox starts: nothing of it lives on.

Outside the wall, and out of reach of what is inside. Argument: JSON with `parent` (the grader's process id), `command`,
and `uid` (of this run alone; null where a namespace ends all, or where it is the grader's own). A process whose parent
ends becomes a child of this one, so a daemon cannot leave. Ends with the command, when it is told to (SIGTERM), or when
the grader dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
libc = ctypes.CDLL(None, use_errno=True)


def main(settings: dict[str, Any]) -> None:
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    awaited = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    if os.getppid() != settings["parent"]:
        return
    first = os.fork()
    if first == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        os.setpgid(0, 0)  # an interrupt or a kill that is meant for the group does not mean us
        os.execv(settings["command"][0], settings["command"])
    os.closerange(3, 65536)  # what ends inside is seen to end outside
    ended = False
    while not ended:
        ended = signal.sigwait(awaited) == signal.SIGTERM
        for pid, _ in reaped():
            ended = ended or pid == first
    # Stopped first: what is stopped starts nothing new.
    for sent in (signal.SIGSTOP, signal.SIGKILL):
        send_all(sent, settings["uid"])
    while end_children(settings["uid"]):
        time.sleep(0.001)


def reaped() -> Iterator[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found


def end_children(uid: int | None) -> bool:
    """Kill what is left, and return whether anything was."""
    send_all(signal.SIGKILL, uid)
    list(reaped())
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def send_all(sent: signal.Signals, uid: int | None) -> None:
    if uid is not None:  # one call reaches every process of this user, and no other
        helper = os.fork()
        if helper == 0:
            try:
                os.setgroups([])
                os.setresuid(uid, uid, uid)
                os.kill(-1, signal.SIGKILL)  # a stopped helper could never be waited for; the kill spares its sender
            finally:
                os._exit(0)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(helper, 0)
    for pid in descendants():
        with contextlib.suppress(OSError):
            os.kill(pid, sent)


def descendants() -> Iterator[int]:
    waiting = [os.getpid()]
    while waiting:
        pid = waiting.pop()
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    found = [int(word) for word in (task / "children").read_text().split()]
                    yield from found
                    waiting += found


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
