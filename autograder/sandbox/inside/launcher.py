"""The first program inside: trusted, a few milliseconds long. Gives up every right that is left, then becomes the next.

Started by bwrap with the rights to change its user and nothing more, or as an ordinary user already. Argument: JSON
with `uid` (null: keep it), `rlimits`, `read` and `write` (folders that Landlock leaves open), `filter` (a descriptor to
read a seccomp filter from; null where bwrap has loaded it), `command`.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable
from typing import Any

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH, ASK_VERSION = 1, 1

# Landlock's rights on files, in the order of their bits, up to the version that brought them.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
FIRST_VERSION = (1 << 13) - 1
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


class RulesetAttr(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64), ("handled_access_net", ctypes.c_uint64), ("scoped", ctypes.c_uint64),
    )  # fmt: skip


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


libc = ctypes.CDLL(None, use_errno=True)


def main(settings: dict[str, Any]) -> None:
    surrender(settings)
    command = settings["command"]
    # A new program also makes our memory readable to ourselves again, which the change of user had switched off.
    os.execv(command[0], command)


def surrender(settings: dict[str, Any]) -> None:
    """Keep what a program may have that student code runs in, for this process and all that come from it."""
    for name, (soft, hard) in settings["rlimits"].items():
        limit(getattr(resource, name), soft, hard)
    if settings["uid"] is not None:
        os.setgroups([])
        os.setresgid(*[settings["uid"]] * 3)
        os.setresuid(*[settings["uid"]] * 3)
        set_capabilities()
    if settings["die"]:
        # Only now: a change of user clears it.
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if settings["landlock"]:
        restrict(settings["read"], settings["write"])
    if settings["confined"] and 0 in (*os.getresuid(), *os.getresgid()):
        sys.exit("still root: refusing to run anything")
    if settings["filter"] is not None:
        load(settings["filter"])


def limit(kind: int, soft: int, hard: int) -> None:
    """Lower a limit; never try to raise it, which an ordinary user may not."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def set_capabilities(kept: Iterable[int] = ()) -> None:
    """Keep these, and nothing to inherit: bwrap leaves what we needed in that set, and no program of ours inherits."""
    bits = sum(1 << number for number in kept)
    header, sets = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)(bits, bits)
    if libc.capset(header, sets) != 0:
        sys.exit("capabilities cannot be dropped")


def load(fd: int) -> None:
    """Load a seccomp filter; every program that follows stands under it."""
    content = os.pread(fd, 1 << 20, 0)
    os.close(fd)
    program = Program(len(content) // 8, content)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        sys.exit("the filter of system calls was refused")


def version() -> int:
    """Return the version of Landlock that this kernel speaks; 0 for none."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def restrict(read: Iterable[str], write: Iterable[str]) -> None:
    """Leave files readable below `read`, and writable below `write`, for this process and all that come from it."""
    spoken = version()
    if spoken == 0:
        return
    every = FIRST_VERSION | (REFER if spoken >= 2 else 0) | (TRUNCATE if spoken >= 3 else 0)
    every |= IOCTL_DEV if spoken >= 5 else 0
    # Signals and abstract sockets reach others of our own kind alone.
    attr = RulesetAttr(every, 0, SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if spoken >= 6 else 0)
    size = ctypes.sizeof(attr) if spoken >= 6 else 8  # an older kernel refuses fields that it does not know
    ruleset = int(libc.syscall(CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0))
    if ruleset < 0:
        sys.exit("Landlock is there but makes no rules")
    for paths, rights in ((read, EXECUTE | READ_FILE | READ_DIR), (write, every)):
        for path in paths:
            allow(ruleset, path, rights & every)
    if libc.syscall(RESTRICT_SELF, ruleset, 0) != 0:
        sys.exit("Landlock is there but refuses our rules")
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 (pathlib would cost a third of this program's time)
        rights &= OF_FILES
    rule = PathBeneath(rights, fd)
    if libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0) != 0:
        sys.exit(f"Landlock refuses a rule for {path}")
    os.close(fd)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
