"""Keeps `autograder watch` running as a hub's service.

Before a course's first release there is nothing to watch: this waits for it. What ends is started again after a pause;
a hub by itself would start it again at once, however often.

python -m autograder.hub.watching --course FOLDER [what `autograder watch` takes]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from autograder.course import find_root
from autograder.hub.jobs import environment
from autograder.nbgrader_ext.places import exchange_of

LOOK, PAUSE, LONGEST = 2.0, 2.0, 60.0
"""Seconds between two looks for the first release; before a new start, doubled each time; and at most."""

GRACE = 30.0
"""Seconds to end in, as long as systemd or a hub would wait."""

_ENDS_WITH_US = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Have the kernel tell `autograder watch` (PR_SET_PDEATHSIG) when this is killed: nobody else would, and the next one
could not start beside it."""


def keep(root: Path, command: list[str], stop: threading.Event) -> None:
    """Run command while the exchange has a place for submissions, until stop."""
    pause = PAUSE
    waiting = False
    while not stop.is_set():
        exchange, course = exchange_of(root)
        inbound = exchange / course / "inbound"
        while not inbound.is_dir():
            if not waiting:
                _say(f"waiting for the first release: {inbound} is not there yet")
                waiting = True
            if stop.wait(LOOK):
                return
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", _ENDS_WITH_US, str(os.getpid()), *command],
            cwd=root, env=environment(), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        while process.poll() is None and not stop.wait(0.2):
            pass
        if stop.is_set():
            _end(process)
            return
        pause = PAUSE if time.monotonic() - began > LONGEST else min(pause * 2, LONGEST)
        _say(f"`autograder watch` ended with {process.returncode}; it is started again in {pause:g} s")
        stop.wait(pause)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True)
    chosen, more = parser.parse_known_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    command = [sys.executable, "-m", "autograder.cli", "watch", *more]
    keep(find_root(chosen.course), command, stop)


if __name__ == "__main__":
    main()
