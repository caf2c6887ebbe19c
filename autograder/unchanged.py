"""Who has nothing to be graded: a class that has not changed is told so without loading its course."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from autograder.basis import course_files
from autograder.errors import AutograderError
from autograder.release import Releases
from autograder.schedule import schedule_of
from autograder.seal import Seals
from autograder.store import Store
from autograder.submission import read_submission
from autograder.types import SETTINGS, TIERS, Receipt

if TYPE_CHECKING:
    from autograder.data import Pack


class Recorded(Protocol):
    """A gradebook that knows what was recorded under which seal."""

    def standing(self, assignment: str, seals: Mapping[str, str]) -> set[str]: ...


def assignments(root: Path) -> tuple[str, ...]:
    """Return the ids that course.toml names; none where it cannot be read, which loading the course explains."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return tuple(_toml(root)["assignments"])
    return ()


def unchanged(
    root: Path, assignment: str, students: Sequence[str], environment: Callable[[str], str], book: Recorded
) -> dict[str, bytes]:
    """Return, as they lie in the store, the reports of those whose grade would come out the same, and is in the
    gradebook as it was left.

    environment: of an engine. What cannot be read here is for grading to find, and to say.
    """
    try:
        content, releases = _toml(root), Releases(root / "records", assignment)
        head, tables = content["course"], content["assignments"]
        setting, tier = head.get("setting", SETTINGS[0]), head.get("tier", TIERS[0])
        plain = [name for name, table in tables.items() if table.get("plain") is True]
        named: list[str] = tables[assignment].get("packs", [])
        secret = bytes.fromhex((root / ".secret").read_text())
        schedule, now = schedule_of(root, assignment), datetime.now(UTC)
    except (AutograderError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    seals = Seals(course_files(root, plain), setting, secret, _packs(root, named, setting), releases.newest)
    ran_in, store = environment(tier), Store(root)
    found, reports = dict[str, str](), dict[str, bytes]()
    for student in students:
        with suppress(Exception):  # where one submission cannot be read, grading it says so
            submission = read_submission(root, assignment, student)
            held = releases.held(student, submission.notebooks)
            receipt = Receipt(submission.sha256, store.received(assignment, student)[submission.sha256])
            reports[student] = store.report_bytes(assignment, student)
            final = schedule.is_final(student, now)
            found[student] = seals.of(ran_in, student, held, receipt, reports[student], final=final)
    if not found:  # nobody was ever graded
        return {}
    standing = book.standing(assignment, found)
    return {student: reports[student] for student in students if student in standing}


def _packs(root: Path, names: Sequence[str], setting: str) -> dict[str, Pack]:
    if not names:
        return {}
    from autograder.data import pack

    return {name: pack(root, name, setting) for name in names}


def _toml(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))
