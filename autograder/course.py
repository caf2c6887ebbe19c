"""Loads a course: course.toml and one file an exercise. Reports every fault of the author's at once."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import tomllib
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder import plain, schedule
from autograder.basis import course_files, definitions
from autograder.basis import find_root as find_root
from autograder.digest import digest
from autograder.errors import CourseError, Fault, said
from autograder.exercise import Exercise
from autograder.faults import structure, wrong_kinds
from autograder.raised import PACKAGE
from autograder.schedule import Schedule
from autograder.tables import (
    Keep,
    Watch,
    names_of,
    read_keep,
    read_limits,
    read_resources,
    read_watch,
    table_of,
)
from autograder.types import BACKENDS, SETTINGS, TIERS, Limits, Resources
from handin.words import ENGLISH, languages

_HEAD = ("id", "title", "setting", "salt", "timezone", "tier", "warm", "backend", "language", "watch", "keep")
_KNOWN = ("title", "notebooks", "packs", "limits", "resources", "plain", *schedule.KEYS)


@dataclass(frozen=True)
class Assignment:
    id: str
    title: str
    exercises: Mapping[str, Exercise]
    files: Mapping[str, Path]  # exercise id -> the file it was loaded from
    notebooks: tuple[str, ...]  # names without .ipynb, in the order students meet them
    packs: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    resources: Resources = field(default_factory=Resources)
    plain: bool = False  # nbgrader's own notebooks, taken over as they are
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises.values())


@dataclass(frozen=True)
class Course:
    root: Path  # where nbgrader_config.py lies
    id: str
    title: str
    setting: str
    salt: str
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    tier: str = TIERS[0]  # the least confinement that grades may come from
    warm: bool = True  # kernels may be forks of a process that has imported what they import
    watch: Watch = field(default_factory=Watch)
    keep: Keep = field(default_factory=Keep)
    files: Mapping[str, bytes] = field(default_factory=dict)  # what it was loaded from, by path
    language: str = ENGLISH  # of our words to students

    @property
    def records(self) -> Path:
        return self.root / "records"

    def assignment(self, name: str) -> Assignment:
        try:
            return self.assignments[name]
        except KeyError:
            known = ", ".join(self.assignments) or "none"
            raise CourseError(
                [Fault.in_toml(f"there is no assignment {name!r}.", f"Known assignments: {known}.")]
            ) from None

    def definitions(self, assignment: Assignment) -> dict[str, str]:
        """Name what each exercise of an assignment is made of; "" where that is not known (basis.definitions)."""

        def paths(of: Assignment) -> dict[str, str]:
            return {e: file.relative_to(self.root).as_posix() for e, file in of.files.items()}

        others = [path for a in self.assignments.values() for path in paths(a).values()]
        return definitions(self.files, paths(assignment), others)


def language_of(root: Path) -> str:
    """Return the language of a course, without loading it; what is wrong with course.toml is load_course's to tell."""
    try:
        name = tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))["course"].get("language", ENGLISH)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ENGLISH
    return name if isinstance(name, str) else ENGLISH


def is_plain(root: Path, assignment: str) -> bool:
    """Whether course.toml says that an assignment is plain; what is wrong with the file is load_course's to tell."""
    try:
        content = tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))
        return content["assignments"][assignment].get("plain") is True
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def load_course(root: Path) -> Course:
    """Load everything under root/course, or raise CourseError with all faults."""
    faults: list[Fault] = []
    path = root / "course" / "course.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CourseError([Fault.in_toml("the file is missing.", "README.md shows what belongs into it.")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError([Fault.in_toml(f"it cannot be read: {error}.", "Correct the line.")]) from None

    head = table_of(content, "course", "[course]", faults)
    for key in sorted(content.keys() - {"course", "assignments"}):
        faults.append(Fault.in_toml(f"it has an unknown entry {key!r}.", "Known: [course], [assignments.NAME]."))
    for key in sorted(head.keys() - set(_HEAD)):  # a due date would be an hour off by a "time_zone"
        faults.append(Fault.in_toml(f"[course] has an unknown entry {key!r}.", f"Known: {', '.join(_HEAD)}."))
    setting = head.get("setting", "full")
    if setting not in SETTINGS:
        faults.append(Fault.in_toml(f"setting is {setting!r}.", f"Use one of {', '.join(SETTINGS)}."))
    tier = head.get("tier", TIERS[0])
    if tier not in TIERS:
        faults.append(
            Fault.in_toml(f"tier is {tier!r}.", f"Use one of {', '.join(TIERS)}: docs/security.md explains them.")
        )
    warm = head.get("warm", True)
    if not isinstance(warm, bool):
        faults.append(Fault.in_toml(f"warm is {warm!r}.", "Use true or false: docs/security.md says what it means."))
    backend = head.get("backend", BACKENDS[0])
    if backend not in BACKENDS:
        faults.append(Fault.in_toml(f"backend is {backend!r}.", f"Use one of {', '.join(BACKENDS)}: docs/gpu.md."))
    language = head.get("language", ENGLISH)
    if language not in languages():
        known = ", ".join(languages())
        faults.append(
            Fault.in_toml(f"language is {language!r}.", f"Use one of {known}: docs/translating.md adds others.")
        )
    for name in ("id", "salt"):
        if not isinstance(head.get(name), str) or not head.get(name):
            faults.append(Fault.in_toml(f"[course] has no {name}.", f'Add {name} = "...".'))

    zone = schedule.zone_of(head, faults)
    watch = read_watch(table_of(head, "watch", "[course.watch]", faults), faults)
    keep = read_keep(table_of(head, "keep", "[course.keep]", faults), faults)
    assignments = {}
    tables = table_of(content, "assignments", "[assignments]", faults)
    plains = [name for name, table in tables.items() if isinstance(table, dict) and table.get("plain") is True]
    files = course_files(root, plains)
    package = _package(root / "course")
    for name in tables:
        table = table_of(tables, name, f"[assignments.{name}]", faults)
        made, dates = _assignment(root, package, name, table, faults), schedule.read(table, name, zone, faults)
        assignments[name] = replace(made, resources=replace(made.resources, backend=backend), schedule=dates)
    if not assignments:
        faults.append(Fault.in_toml("it names no assignment.", "Add a table [assignments.NAME]."))
    for folder in sorted(p for p in (root / "course").iterdir() if p.is_dir() and not p.name.startswith(("_", "."))):
        if folder.name not in assignments and any(folder.glob("*.py")):
            faults.append(
                Fault(
                    f"course/{folder.name}/",
                    "",
                    "course.toml does not name this folder.",
                    f"Add [assignments.{folder.name}], or rename the folder to _{folder.name}.",
                )
            )
    if faults:
        raise CourseError(faults)
    title = str(head.get("title", head["id"]))
    return Course(root, head["id"], title, setting, head["salt"], assignments, tier, warm, watch, keep, files, language)


def _package(folder: Path) -> str:
    """Make folder importable under a name of its own, so that files in it can use relative imports."""
    name = PACKAGE + digest(str(folder.resolve()))
    for known in [module for module in sys.modules if module == name or module.startswith(name + ".")]:
        del sys.modules[known]  # files may have changed since
    spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[name] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()
    return name


def _assignment(root: Path, package: str, name: str, table: Mapping[str, Any], faults: list[Fault]) -> Assignment:
    folder = root / "course" / name
    if table.get("plain", False) not in (True, False):
        faults.append(Fault.in_toml(f"[assignments.{name}] plain = {table['plain']!r}.", "Write plain = true."))
    if table.get("plain") is True:
        return _plain(root, name, folder, table, faults)
    if not folder.is_dir():
        faults.append(
            Fault.in_toml(f"assignment {name!r} has no folder course/{name}/.", "Make it, or drop the table.")
        )
    exercises: dict[str, Exercise] = {}
    files: dict[str, Path] = {}
    for file, exercise in _exercises(root, package, folder, faults):
        shown = file.relative_to(root).as_posix()
        if isinstance(exercise.id, str) and exercise.id in exercises:
            first = files[exercise.id].relative_to(root).as_posix()
            faults.append(
                Fault(
                    shown, exercise.id, f"two exercises have this id; the other is in {first}.", "Rename one of them."
                )
            )
            continue
        wrong = list(wrong_kinds(shown, exercise))
        faults.extend(wrong or structure(shown, exercise))
        if wrong:
            continue  # nothing that follows could work with it
        exercises[exercise.id] = exercise
        files[exercise.id] = file
    made = _made(name, table, exercises, files, names_of(table, "notebooks", (name,), name, faults), faults)
    for exercise in exercises.values():
        if exercise.pack and exercise.pack not in made.packs:
            faults.append(
                Fault.in_toml(
                    f"{exercise.id} needs the data pack {exercise.pack!r}.",
                    f'Add packs = ["{exercise.pack}"] to [assignments.{name}].',
                )
            )
    return made


def _plain(root: Path, name: str, folder: Path, table: Mapping[str, Any], faults: list[Fault]) -> Assignment:
    if folder.is_dir() and any(folder.glob("*.py")):
        faults.append(
            Fault(
                f"course/{name}/",
                "",
                "it holds files of exercises, but the assignment is plain: its notebooks hold them.",
                f"Move them, or drop `plain` from [assignments.{name}].",
            )
        )
    notebooks = names_of(table, "notebooks", plain.names(root / "source" / name), name, faults)
    found = plain.exercises(root, name, notebooks, faults)
    exercises = {exercise: made for exercise, (_, made) in found.items()}
    files = {exercise: file for exercise, (file, _) in found.items()}
    return replace(_made(name, table, exercises, files, notebooks, faults), plain=True)


def _made(
    name: str,
    table: Mapping[str, Any],
    exercises: Mapping[str, Exercise],
    files: Mapping[str, Path],
    notebooks: tuple[str, ...],
    faults: list[Fault],
) -> Assignment:
    for key in sorted(table.keys() - _KNOWN):
        faults.append(
            Fault.in_toml(f"[assignments.{name}] has an unknown entry {key!r}.", f"Known: {', '.join(_KNOWN)}.")
        )
    limits = read_limits(name, table_of(table, "limits", f"[assignments.{name}.limits]", faults), faults)
    resources = read_resources(name, table_of(table, "resources", f"[assignments.{name}.resources]", faults), faults)
    packs = names_of(table, "packs", (), name, faults)
    title = str(table.get("title", name))
    return Assignment(name, title, exercises, files, notebooks, packs, limits, resources)


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Keep Python from caching what it compiles: a cached file is believed if time, in whole seconds, and size agree.

    A key corrected from 7 to 8 in the second of its last load would go unseen.
    """
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _exercises(root: Path, package: str, folder: Path, faults: list[Fault]) -> Iterator[tuple[Path, Exercise]]:
    for file in sorted(folder.glob("*.py")):
        if file.name.startswith("_"):
            continue
        shown = file.relative_to(root).as_posix()
        try:
            with _no_bytecode():
                module = importlib.import_module(f"{package}.{folder.name}.{file.stem}")
        except (Exception, SystemExit) as error:  # an author's file may raise anything
            line = next(
                (f.lineno for f in reversed(traceback.extract_tb(error.__traceback__)) if f.filename == str(file)), None
            )
            place = f" (line {line})" if line else ""
            faults.append(Fault(shown, "", f"it cannot be loaded: {said(error)}{place}.", "Correct it."))
            continue
        # One exercise a file; a quiz is several short ones that belong together.
        found = getattr(module, "exercises", None) or (getattr(module, "exercise", None),)
        if isinstance(found, tuple | list) and all(isinstance(exercise, Exercise) for exercise in found):
            yield from ((file, exercise) for exercise in found)
        else:
            faults.append(
                Fault(
                    shown,
                    "",
                    "it defines no `exercise = Exercise(...)`, and no `exercises = (Exercise(...), ...)`.",
                    "Define one of them, or start the file's name with _.",
                )
            )
