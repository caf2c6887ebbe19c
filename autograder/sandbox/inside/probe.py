"""Attacks its own sandbox in a handful of ways and prints, as JSON, which of them got through.

Argument: JSON with `files` (host paths to read), `port` (a TCP port that listens on the host's loopback), `abstract`
(an abstract socket that listens on the host), `spare` (the grader's process), `owned` (a file of its own),
`expect_seccomp`, and `confined`: where nothing confines, what would write on the host is left out.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

settings: dict[str, Any] = {}
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000


def read_the_host() -> bool:
    return any(_reads(path) for path in settings["files"])


def be_root() -> bool:
    return 0 in (*os.getresuid(), *os.getresgid(), *os.getgroups())


def choose_where_core_dumps_go() -> bool:
    with Path("/proc/sys/kernel/core_pattern").open("r+b"):
        return True


def reach_a_port_of_the_host() -> bool:
    with socket.create_connection(("127.0.0.1", settings["port"]), timeout=1):
        return True


def reach_an_abstract_socket_of_the_host() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + settings["abstract"])
        return True


def leave_by_the_network() -> bool:
    names = {name for _, name in socket.if_nameindex()} if not settings["expect_seccomp"] else set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("192.0.2.1", 9))  # sends nothing: asks for a route
        return True
    return bool(names - {"lo"})


def see_the_hosts_processes() -> bool:
    return int(settings["spare"]) > 100 and _reads(f"/proc/{settings['spare']}/cmdline")


def write_where_programs_lie() -> bool:
    tried = [Path("/usr/ag-probe"), Path("/etc/ag-probe"), Path("/ag-probe"), Path("/dev/ag-probe"),
             Path(sys.prefix) / "ag-probe", Path(__file__).with_name("ag-probe")]  # fmt: skip
    return any(_writes(path) for path in tried)


def read_devices_of_the_host() -> bool:
    return _reads("/sys/class") or _reads("/dev/mem")


def signal_the_grader() -> bool:
    os.kill(settings["spare"], 0)
    return True


def lower_the_graders_limits() -> bool:
    return resource.prlimit(settings["spare"], resource.RLIMIT_CORE) is not None


def take_a_file_from_the_grader() -> bool:
    path = Path(settings["owned"])
    before = path.stat().st_mode
    path.chmod(before ^ 0o001)
    return path.stat().st_mode != before


def make_a_namespace() -> bool:
    return int(libc.unshare(CLONE_NEWUSER)) == 0


def use_the_keyring() -> bool:
    return int(libc.syscall(250, 0, -3, 0, 0, 0)) >= 0  # keyctl(KEYCTL_GET_KEYRING_ID, session); x86-64 alone


ALWAYS: tuple[Callable[[], bool], ...] = (
    read_the_host, be_root, choose_where_core_dumps_go, reach_a_port_of_the_host, reach_an_abstract_socket_of_the_host,
    leave_by_the_network, see_the_hosts_processes, read_devices_of_the_host, signal_the_grader,
    lower_the_graders_limits,
)  # fmt: skip
WHERE_CONFINED: tuple[Callable[[], bool], ...] = (write_where_programs_lie, take_a_file_from_the_grader)
WITH_SECCOMP: tuple[Callable[[], bool], ...] = (make_a_namespace, use_the_keyring)


def _reads(path: str) -> bool:
    """Not only whether it is there: where no namespace hides the host, that can be seen."""
    try:
        if Path(path).is_dir():
            return next(Path(path).iterdir(), None) is not None
        with Path(path).open("rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _writes(path: Path) -> bool:
    try:
        path.write_text("x")
    except OSError:
        return False
    path.unlink()
    return True


def _succeeds(attack: Callable[[], bool]) -> bool:
    try:
        return attack()
    except OSError:
        return False


def main(given: dict[str, Any]) -> None:
    settings.update(given)
    attacks = ALWAYS + (WHERE_CONFINED if settings["confined"] else ())
    attacks += WITH_SECCOMP if settings["expect_seccomp"] and os.uname().machine == "x86_64" else ()
    status = Path("/proc/self/status").read_text()
    print(json.dumps({
        "through": [attack.__name__ for attack in attacks if _succeeds(attack)],
        "tried": len(attacks),
        "seccomp": "Seccomp:\t2" in status,
        "landlock": max(0, int(libc.syscall(444, None, ctypes.c_size_t(0), 1))),
    }))  # fmt: skip


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
