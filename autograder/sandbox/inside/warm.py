"""The warm process: has imported what notebooks import, and forks a program into a sandbox of its own for each order.

Trusted, like the launcher: no student's code, no course and no data is ever here. It stands in a view of files that
bwrap has made, with the rights to make namespaces in it; a fork gives them up before anything of a student comes in.
Argument: JSON with `orders` (a descriptor, on which each order comes as descriptors), `imports` (names; one that is not
there is no matter), `own_users` (in a namespace for users of its own, in which no second one shall be made).

An order: a file of frames (what to run, and then the files of the work folder), a descriptor to report on, one for
output, the entrances of a control group, and those that the program is to have.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))
import datasets  # type: ignore[import-not-found]
import frames  # type: ignore[import-not-found]
import kernel  # type: ignore[import-not-found]
import launcher  # type: ignore[import-not-found]
import predict  # type: ignore[import-not-found]
import probe  # type: ignore[import-not-found]

sys.path.pop(0)

from handin import numbers

PROGRAMS = {"kernel.py": kernel.main, "predict.py": predict.main, "probe.py": probe.main}
MOST = 64  # descriptors of one order
NEW_NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000
"""Mounts, control groups, host name, IPC, processes, network."""
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
PR_SET_DUMPABLE, PR_CAPBSET_DROP = 4, 24
TO_CHANGE_USER = (6, 7)  # CAP_SETGID, CAP_SETUID: none is left once they are used
TO_MAKE_SANDBOXES = (*TO_CHANGE_USER, 8, 12, 21)  # and CAP_SETPCAP, CAP_NET_ADMIN, CAP_SYS_ADMIN
CAPABILITIES = 64  # more than there are
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
BODY_CAP = 1 << 30

libc = ctypes.CDLL(None, use_errno=True)


def main(settings: dict[str, Any]) -> None:
    if settings["own_users"]:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _keep_capabilities(TO_MAKE_SANDBOXES)  # bwrap leaves all of them to root
    datasets.watch()
    before = set(os.environ)
    for name in settings["imports"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    said = {name: value for name, value in os.environ.items() if name not in before}  # by libraries, to each other
    kernel.prepare()
    numbers.read("1 MB")  # the table of units is half a second's work
    for name in ("handin.answers", "handin.page", "handin.practice", "difflib"):  # ask() and check() want them
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection in a fork would copy every page
    orders = socket.socket(fileno=settings["orders"])
    with Path(os.devnull).open("w") as nowhere:  # what libraries say from here on is for nobody
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    orders.send(b"ready")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        word, given, _, _ = socket.recv_fds(orders, 1, MOST)
        if not word:
            return
        if os.fork() == 0:
            orders.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _guarded(partial(_separate, given, said))
        for fd in given:
            os.close(fd)


def _guarded(step: Callable[[], int | None]) -> NoReturn:
    """Whatever happens, a fork never comes back into the loop."""
    code = 97
    try:
        code = step() or 0
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc().encode()[-2000:])
    finally:
        os._exit(code)


def _separate(given: list[int], said: dict[str, str]) -> None:
    """Into a control group and namespaces of its own; the next process is the first one in them."""
    content, report, output, *rest = given
    os.setsid()
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    with os.fdopen(content, "rb") as file:
        (order, _), *files = frames.Reader(BODY_CAP).feed(file.read())
    order["view"]["environment"] = {**said, **order["view"]["environment"]}
    entrances, keep = rest[: order["entrances"]], rest[order["entrances"] :]
    for fd in entrances:
        os.write(fd, b"0")
        os.close(fd)
    _must(libc.unshare(NEW_NAMESPACES), "namespaces")
    first = os.fork()
    if first == 0:
        _guarded(lambda: _first(order, files, report, keep))
    socket.send_fds(socket.socket(fileno=report), [b"first"], [os.pidfd_open(first)])


def _first(order: dict[str, Any], files: Any, report: int, keep: list[int]) -> int:
    """The first process in there, with which all others end. Nothing that it has can be reached from the program."""
    launcher.libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _furnish(order["view"], files)
    program = os.fork()
    if program == 0:
        os.close(report)
        _guarded(lambda: _program(order, keep))
    _keep_capabilities()
    os.closerange(0, report)
    os.closerange(report + 1, 65536)
    while True:
        pid, status = os.wait()
        if pid == program:
            code = os.waitstatus_to_exitcode(status)
            os.write(report, f"{code}\n".encode())
            return code if code >= 0 else 128 - code


def _furnish(view: dict[str, Any], files: Any) -> None:
    """What bwrap does for a sandbox that starts cold: file systems in memory, and a view of processes."""
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    for place, mode in view["own"].items():
        _mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={mode},size={view['size']}")
    _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    for place, content in view["etc"].items():
        made = Path(view["home"], ".etc")
        made.write_text(content)
        made.chmod(0o444)
        _mount(str(made), place, "", MS_BIND)
        _mount("none", place, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
        made.unlink()
    os.umask(0)
    work = Path(view["work"])
    work.mkdir(mode=0o777)
    for header, body in files:
        path = work / header["name"]
        path.parent.mkdir(mode=0o777, parents=True, exist_ok=True)
        path.write_bytes(body)
        path.chmod(0o666)
    os.umask(0o022)
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _mount("/proc/sys", "/proc/sys", "", MS_BIND | MS_REC)
    _mount("none", "/proc/sys", "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if view["hidden"]:
        _mount("tmpfs", view["hidden"], "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=755,size=4096")
    _loopback()


def _program(order: dict[str, Any], keep: list[int]) -> None:
    """Becomes the program, as the launcher would by starting it."""
    _place({1: 1, 2: 2} | dict(zip(order["numbers"], keep, strict=True)))
    os.environ.clear()
    os.environ.update(order["view"]["environment"])
    os.chdir(order["view"]["work"])
    tempfile.tempdir = None
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed()  # Python's own generator sees to it by itself
    rlimits = order["launcher"]["rlimits"]
    if "RLIMIT_DATA" in rlimits:  # what was here before the fork is not the student's
        rlimits["RLIMIT_DATA"] = [size + _data() for size in rlimits["RLIMIT_DATA"]]
    _keep_capabilities(TO_CHANGE_USER if order["launcher"]["uid"] is not None else ())
    launcher.surrender(order["launcher"])
    launcher.libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as a new program is: else it may not even look at itself
    sys.argv = [order["program"]]
    PROGRAMS[order["program"]](order["settings"])
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _data() -> int:
    """Bytes of memory that count as data."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")


def _place(wanted: dict[int, int]) -> None:
    """Give descriptors the numbers that the program knows them by, /dev/null as its input, and close all others."""
    above = max(wanted) + 1
    for number, fd in [(n, fcntl.fcntl(fd, fcntl.F_DUPFD, above)) for n, fd in wanted.items()]:
        os.dup2(fd, number, inheritable=True)
    nothing = os.open(os.devnull, os.O_RDONLY)
    if nothing:
        os.dup2(nothing, 0)
    for number in range(max(wanted) + 1):
        if number not in wanted and number:
            with contextlib.suppress(OSError):
                os.close(number)
    os.closerange(above, 65536)


def _keep_capabilities(kept: tuple[int, ...] = ()) -> None:
    """Nothing that is started from here on can have others."""
    for number in set(range(CAPABILITIES)) - set(kept):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    launcher.set_capabilities(kept)


def _loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    made = libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _must(made, f"mount {target}")


def _must(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
