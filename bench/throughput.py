"""`autograder grade` beside `nbgrader autograde`, on the same submissions, in turn, in one run.

    python -m bench.throughput --students 8 --rounds 3

What is compared: nbgrader as it comes (its own kernel, unconfined, its own preprocessors) on notebooks whose checks are
harmless to it, and ours with confinement, judging, feedback data and gradebook. The figure to quote is the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from autograder.course import find_root, load_course
from autograder.demo.scratch import make_course, nbgrader, release

PLAIN = """\
c = get_config()
c.CourseDirectory.course_id = "plain"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="arithmetic")
    parser.add_argument("--students", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    repository = find_root(Path.cwd())
    with tempfile.TemporaryDirectory() as scratch:
        ours = make_course(load_course(repository), Path(scratch) / "ours", "small")
        name = options.assignment
        release(ours, name)
        theirs = _plain_course(ours.root, Path(scratch) / "theirs", name)
        for root in (ours.root, theirs):
            for number in range(options.students):
                folder = root / "submitted" / f"student{number:03}" / name
                shutil.copytree(ours.root / "solutions" / name, folder)
        environment = _kernel_for_plain_nbgrader(repository, Path(scratch) / "jupyter")

        _heading(options)
        print(f"{'round':>5} {'autograder':>11} {'nbgrader':>9} {'ratio':>6}   seconds for the class")
        ratios = []
        for number in range(1, options.rounds + 1):
            a = _seconds([sys.executable, "-m", "autograder.cli", "grade", name, "--force", "--json", "--workers",
                          str(options.workers)], ours.root, dict(os.environ))  # fmt: skip
            b = _seconds([sys.executable, "-m", "nbgrader", "autograde", name, "--force"], theirs, environment)
            ratios.append(b / a)
            print(f"{number:>5} {a:>11.1f} {b:>9.1f} {b / a:>6.2f}")
        print(f"median ratio {statistics.median(ratios):.2f} (nbgrader's time over ours)")


def _plain_course(ours: Path, root: Path, name: str) -> Path:
    shutil.copytree(ours / "source" / name, root / "source" / name)
    (root / "nbgrader_config.py").write_text(PLAIN)
    nbgrader(root, "generate_assignment", name, "--create")
    return root


def _kernel_for_plain_nbgrader(repository: Path, folder: Path) -> dict[str, str]:
    """nbgrader starts the kernel named python3: here the kernel environment's own, as a hub would set it up."""
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    python = str(repository / ".kernel" / "bin" / "python")
    content = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    spec.write_text(json.dumps(content))
    return {**os.environ, "JUPYTER_PATH": str(folder), "JUPYTERHUB_USER": "student000"}


def _seconds(command: list[str], cwd: Path, environment: dict[str, str]) -> float:
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout)[-3000:]}")
    return time.perf_counter() - start


def _heading(options: argparse.Namespace) -> None:
    packages = ", ".join(f"{p} {version(p)}" for p in ("nbgrader", "nbclient", "jupyter_client"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}")
    print(f"{options.students} submissions of {options.assignment}, {options.workers} workers")


if __name__ == "__main__":
    main()
