"""The system calls that student code never needs and that reach furthest into the host's kernel, refused.

A deny-list, because TensorFlow, NumPy and subprocesses use most of the rest. It is compiled once by libseccomp and
handed to bwrap, which loads it just before it starts our launcher.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from functools import lru_cache
from typing import Any

CLONE_NEW = 0x7E020000 | 0x00000080  # every namespace: ns, cgroup, uts, ipc, user, pid, net; and time
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NETLINK_ROUTE = 0
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF = 1, 7, 8

REFUSED = (
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "add_key", "request_key", "keyctl", "ptrace", "process_vm_readv", "process_vm_writev",
    "process_madvise", "kcmp", "pidfd_getfd", "unshare", "setns", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "settimeofday", "clock_settime", "clock_adjtime",
    "adjtimex", "sethostname", "setdomainname", "acct", "quotactl", "quotactl_fd", "nfsservctl", "lookup_dcookie",
    "iopl", "ioperm", "syslog", "vhangup", "personality", "fanotify_init", "name_to_handle_at", "open_by_handle_at",
    "move_pages", "migrate_pages", "mbind", "set_mempolicy", "vmsplice", "uselib", "ustat", "sysfs", "_sysctl",
    "memfd_secret", "shmget", "msgget", "semget",
)  # fmt: skip
ALONE = (
    "connect", "bind", "listen", "sendmsg", "sendmmsg", "inotify_add_watch", "mq_open", "truncate", "setxattr",
    "lsetxattr", "removexattr", "lremovexattr", "pidfd_open", "shmat", "shmctl", "msgsnd", "msgrcv", "msgctl", "semop",
    "semtimedop", "semctl", "ipc",
)  # fmt: skip
"""Refused where no namespace hides the host: what reaches others by a name or a number."""
PRETENDED = (
    "chmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
)  # fmt: skip
"""Landlock has no say in them, and files of the grader may have the same owner. shutil.copy wants them to succeed."""
OTHERS = {
    "setpriority": 1, "sched_setscheduler": 0, "sched_setparam": 0, "sched_setattr": 0, "sched_setaffinity": 0,
    "ioprio_set": 1,
}  # fmt: skip
"""Calls that may slow another process down, and which argument names it; 0 is the caller. Pretended, too: libzmq makes
them for its own threads, and ends the program where they fail."""
SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
F_SETOWN, F_SETOWN_EX = 8, 15
UNSEEN = ("memfd_create",)  # memory that belongs to no process and no file system: only a control group counts it


@lru_cache(maxsize=8)
def program(fenced: bool = True, alone: bool = False, signals: bool = True, gpu: bool = False) -> bytes | None:
    """Return the filter as bwrap wants it; None where libseccomp cannot be loaded (a lower tier).

    fenced: a control group counts the memory; where none does, what cannot be seen from outside is refused.
    alone: no namespace hides the host. signals: they may be sent, because something else keeps them inside.
    gpu: CUDA does not start without memory that nobody can see.
    """
    try:
        import pyseccomp
    except Exception:  # the wheel raises RuntimeError where the system's library is missing
        return None
    deny = pyseccomp.ERRNO(errno.EPERM)
    filter_ = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    for name in REFUSED if fenced or gpu else REFUSED + UNSEEN:
        try:
            filter_.add_rule(deny, name)
        except (OSError, ValueError):
            continue  # this libseccomp, or this architecture, does not know the call
    # glibc falls back to clone(2), whose flags can be seen by a filter; those of clone3 lie in memory.
    filter_.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for bit in range(32):
        if (flag := 1 << bit) & CLONE_NEW:
            filter_.add_rule(deny, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    if not fenced:  # a larger buffer is memory that nobody counts, too
        for option in (SO_SNDBUF, SO_RCVBUF):
            filter_.add_rule(
                deny, "setsockopt", pyseccomp.Arg(1, pyseccomp.EQ, SOL_SOCKET), pyseccomp.Arg(2, pyseccomp.EQ, option)
            )
    for request in (TIOCSTI, TIOCLINUX):
        # Only the low 32 bits are read by the kernel: compare those alone, or a high bit gets the call through.
        filter_.add_rule(deny, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    no_family = pyseccomp.ERRNO(errno.EAFNOSUPPORT)
    known = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)
    for call in ("socket", "socketpair"):
        for family in set(range(AF_NETLINK)) - set(known):
            filter_.add_rule(no_family, call, pyseccomp.Arg(0, pyseccomp.EQ, family))
        filter_.add_rule(no_family, call, pyseccomp.Arg(0, pyseccomp.GT, AF_NETLINK))
    # libzmq asks for the network interfaces before it binds, and aborts if it may not: routing, and nothing else.
    filter_.add_rule(
        no_family, "socket",
        pyseccomp.Arg(0, pyseccomp.EQ, AF_NETLINK), pyseccomp.Arg(2, pyseccomp.NE, NETLINK_ROUTE),
    )  # fmt: skip
    if alone:
        _alone(filter_, signals)
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.seek(0)
        return file.read()


def _alone(filter_: Any, signals: bool) -> None:
    import pyseccomp

    deny = pyseccomp.ERRNO(errno.EPERM)
    rules: list[tuple[Any, str, list[Any]]] = [(deny, name, []) for name in ALONE]
    rules += [(pyseccomp.ERRNO(0), name, []) for name in PRETENDED]
    rules += [(pyseccomp.ERRNO(0), name, [pyseccomp.Arg(at, pyseccomp.NE, 0)]) for name, at in OTHERS.items()]
    rules += [(deny, "prlimit64", [pyseccomp.Arg(0, pyseccomp.NE, 0)])]
    rules += [(deny, "sendto", [pyseccomp.Arg(4, pyseccomp.NE, 0)])]  # with an address; without, it is send()
    if not signals:
        rules += [(deny, name, []) for name in SIGNALS]
        rules += [(deny, "fcntl", [pyseccomp.Arg(1, pyseccomp.EQ, command)]) for command in (F_SETOWN, F_SETOWN_EX)]
    for action, name, arguments in rules:
        with contextlib.suppress(OSError, ValueError):  # a call that this libseccomp does not know
            filter_.add_rule(action, name, *arguments)


def descriptor(fenced: bool = True, alone: bool = False, signals: bool = True, gpu: bool = False) -> int | None:
    """Return a new descriptor that the filter can be read from, for the caller to close; None without libseccomp."""
    content = program(fenced, alone, signals, gpu)
    if content is None:
        return None
    fd = os.memfd_create("seccomp")
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
