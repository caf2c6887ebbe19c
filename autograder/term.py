"""A course copied to the next term: what staff write, and nothing of who took it."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course, load_course
from autograder.errors import AutograderError
from autograder.release import QUESTIONS

CONFIGURATION = "nbgrader_config.py"


def written_by_staff(root: Path) -> Iterator[Path]:
    """Yield the files of a course that people write: course/, source/ and nbgrader's configuration."""
    for name in ("course", "source"):
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
                yield path
    yield root / CONFIGURATION


def new_term(course: Course, folder: Path, salt: str = "") -> Course:
    """Copy the course into a new folder, with a salt of its own: pools are drawn anew by the next build.

    Records, submissions, grades, the secret and what `build` makes are left behind.
    AutograderError when folder holds something already, lies within the course's own, or the salt is this term's.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AutograderError(f"{folder} is there already. Name a folder that is new or empty.")
    if any((course.root / part).resolve() in (folder, *folder.parents) for part in ("course", "source")):
        raise AutograderError(f"{folder} lies within the course's own files. Name one beside {course.root}.")
    salt = salt or f"{folder.name}-{secrets.token_hex(4)}"
    if salt == course.salt:
        raise AutograderError(f"{salt!r} is the salt of this term: everybody would get the same numbers again.")
    toml = _with_salt((course.root / "course" / "course.toml").read_text("utf-8"), salt)
    for path in written_by_staff(course.root):
        if path.name == QUESTIONS or path.suffix == ".whl":
            continue  # this term's numbers; and the wheel, which `build` puts there
        target = folder / path.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (folder / "course" / "course.toml").write_text(toml, "utf-8")
    return load_course(folder)


def _with_salt(toml: str, salt: str) -> str:
    """Replace the one line, so that comments stay."""
    quoted = salt.replace("\\", "\\\\").replace('"', '\\"')
    made, count = re.subn(r'(?m)^(salt\s*=\s*)("[^"\n]*"|\'[^\'\n]*\')', lambda found: f'{found[1]}"{quoted}"', toml)
    if count != 1:
        raise AutograderError('course/course.toml has no line `salt = "..."` in [course]: add it.')
    return made
