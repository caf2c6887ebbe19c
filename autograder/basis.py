"""Names of what a grade follows from: where they are equal, it would come out the same.

By content alone, never by a time stamp: files are checked out, copied and put back from backups. And rather by too much
than by too little: what is named in vain costs seconds, what is forgotten would leave a wrong grade standing.
"""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import autograder
import handin
from autograder.digest import digest
from autograder.errors import CourseError, Fault

TOML = "course/course.toml"


def find_root(start: Path) -> Path:
    """Return the folder at or above start that holds course/course.toml; CourseError if there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course" / "course.toml").is_file():
            return folder
    raise CourseError(
        [
            Fault(
                str(start), "", "this is no course: course/course.toml is not here or above.", "Change into the course."
            )
        ]
    )


def course_files(root: Path, plain: Iterable[str]) -> dict[str, bytes]:
    """Return what an author has written that grading may depend on, by path; plain assignments are in their notebooks.

    Read it before the course is loaded: a file that is changed meanwhile is then taken for what it was, and graded
    again the next time.
    """
    found = {}
    for base, folders, names in os.walk(root / "course", followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        for name in sorted(names):
            path = Path(base, name)
            if not name.startswith(".") and path.is_file():
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    for assignment in plain:
        for path in sorted((root / "source" / assignment).glob("*.ipynb")):
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


@cache
def code() -> str:
    """Name this program and what it runs with, as they were when it began."""
    folders = [Path(package.__path__[0]) for package in (autograder, handin)]
    found = [(folder, path) for folder in folders for end in ("*.py", "*.mo") for path in sorted(folder.rglob(end))]
    paths = [(path.relative_to(folder).as_posix(), path) for folder, path in found]
    ours = [[name, path.read_bytes()] for name, path in paths]
    packages = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    return digest([sys.version, packages, ours])


def definitions(files: Mapping[str, bytes], exercises: Mapping[str, str], others: Iterable[str] = ()) -> dict[str, str]:
    """Name what each exercise is made of: its own file, and all that is no exercise's file alone.

    exercises: the file of each. others: the files of other assignments' exercises. A file that another one imports is
    no exercise's alone, nor is one that is not Python's: who can say which code reads it. "" where a file is not known.
    """
    alone = {*exercises.values(), *others} - set(_imported(files))
    shared = digest([[name, content] for name, content in files.items() if name not in alone and name != TOML])
    return {e: digest([shared, files[name]]) if name in files else "" for e, name in exercises.items()}


def _imported(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the files that others import; imports within a course are relative ones."""
    for name, content in files.items():
        if not name.endswith(".py"):
            continue
        try:
            nodes = list(ast.walk(ast.parse(content)))
        except (SyntaxError, ValueError):
            continue  # it cannot be loaded: nobody is graded by it
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and 0 < node.level <= name.count("/"):
                module = PurePosixPath(name).parents[node.level - 1].joinpath(*(node.module or "").split("."))
                for place in (module, *(module / alias.name for alias in node.names)):
                    yield from (f"{place}.py", f"{place}/__init__.py")
