"""Runs something of ours as a user who is nobody on this machine, in an environment that anybody can read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import bubblewrap

PYTHON = Path("/usr/bin/python3")


def kernel(place: Path, tensorflow: bool = False) -> Path:
    """Make an environment for kernels: the packages of ours, with the system's Python. May skip."""
    asked = [str(PYTHON), "-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"]
    said = subprocess.run(asked, capture_output=True, text=True) if PYTHON.exists() else None
    if said is None or said.stdout.strip() != ".".join(map(str, sys.version_info[:2])):
        pytest.skip("NOT TESTED, the system's Python is another than ours, and an ordinary user cannot run ours")
    made = place / "kernel"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", made], check=True)
    (packages,) = made.glob("lib/python*/site-packages")
    (ours,) = bubblewrap.kernel_env().folder.glob("lib/python*/site-packages")
    large = shutil.ignore_patterns("__pycache__", *(() if tensorflow else ("tensorflow", "keras", "jax*")))
    try:
        shutil.copytree(ours, packages, copy_function=os.link, dirs_exist_ok=True, ignore=large)
    except (OSError, shutil.Error) as error:
        pytest.skip(f"NOT TESTED, the kernel's environment cannot be linked: {error}")
    return made


def run(module: str, *arguments: str, place: Path, user: int, tensorflow: bool = False) -> str:
    """Return what `python -m module` prints. place: a folder that the user may write to, and kernels are made in."""
    root = Path(bubblewrap.__file__).parents[2]
    (site,) = (Path(path) for path in sys.path if path.endswith("site-packages"))
    environment = {
        "PYTHONPATH": f"{root}:{root / 'student'}:{site}", "AUTOGRADER_KERNEL_ENV": str(kernel(place, tensorflow)),
        "HOME": str(place), "TMPDIR": str(place), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    tried = subprocess.run(
        [PYTHON, "-B", "-m", module, *arguments], user=user, group=user, extra_groups=[], cwd="/", env=environment,
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    if not tried.stdout and ("Permission denied" in tried.stderr or "No module named" in tried.stderr):
        pytest.skip(f"NOT TESTED, an ordinary user cannot read this checkout: {tried.stderr[-200:]}")
    assert tried.returncode == 0, tried.stdout[-2000:] + tried.stderr[-3000:]
    return tried.stdout
