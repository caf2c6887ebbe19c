"""A course in a folder of its own, so that trying things out touches nothing real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.build import build
from autograder.course import Course, load_course
from autograder.errors import AutograderError, ReleaseError
from autograder.release import newest
from autograder.term import written_by_staff


def make_course(course: Course, folder: Path, setting: str) -> Course:
    """Copy what staff write (course/, source/, nbgrader's configuration) into folder; unchanged files stay."""
    for path in written_by_staff(course.root):
        _copy(path, folder / path.relative_to(course.root))
    toml = folder / "course" / "course.toml"
    original = (course.root / "course" / "course.toml").read_text("utf-8")
    wanted, count = re.subn(r'(?m)^setting\s*=\s*"\w+"', f'setting = "{setting}"', original)
    if not count:
        wanted = re.sub(r"(?m)^\[course\].*$", rf'\g<0>\nsetting = "{setting}"', original, count=1)
    if toml.read_text("utf-8") != wanted:
        toml.write_text(wanted, "utf-8")
    return load_course(folder.resolve())


def _copy(source: Path, target: Path) -> None:
    # A notebook's copy is brought in step by `build` and so differs from its source: the time tells what is new.
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def release(course: Course, assignment: str) -> bool:
    """Build and release with nbgrader's own command. Return whether there was anything new."""
    built = build(course, assignment)
    try:
        if (
            newest(course.records, assignment).version == built.version
            and (course.root / "release" / assignment).is_dir()
        ):
            return False
    except ReleaseError:
        pass
    nbgrader(course.root, "generate_assignment", assignment, "--create", "--force")
    return True


def nbgrader(root: Path, *arguments: str) -> str:
    """Run nbgrader in a course as staff would, and return what it printed. AutograderError when it fails."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AutograderError(
            f"`nbgrader {' '.join(arguments)}` failed in {root}:\n{(done.stderr or done.stdout)[-3000:]}"
        )
    return done.stdout + done.stderr
