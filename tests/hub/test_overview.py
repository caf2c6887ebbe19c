"""How far each assignment is, by what lies on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.hub.overview import State, overview, titles

TOML = """
[course]
id = "cnn"
title = "Networks"
[assignments.sums]
title = "Sums"
due = 2026-12-01T18:00:00
[assignments.old]
plain = true
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "course.toml").write_text(TOML)
    (tmp_path / "source" / "sums").mkdir(parents=True)
    (tmp_path / "source" / "sums" / "sums.ipynb").write_text("{}")
    return tmp_path


def version(folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questions.json").write_text(json.dumps({"version": name}))


def state(root: Path, name: str = "sums") -> State:
    return next(one for one in overview(root, root / "exchange", "cnn") if one.name == name)


def test_an_assignment_goes_from_not_built_to_released_and_changed(root: Path) -> None:
    words = [state(root).words]
    version(root / "source" / "sums", "1")
    words.append(state(root).words)
    version(root / "exchange/cnn/outbound/sums", "1")
    words.append(state(root).words)
    version(root / "source" / "sums", "2")
    words.append(state(root).words)
    assert words == ["not built", "built, not released", "released", "changed since it was released"]


def test_the_date_of_course_toml_is_shown(root: Path) -> None:
    assert (state(root).due, state(root, "old").due) == ("2026-12-01 18:00:00", "")


def test_a_plain_assignment_is_built_when_its_notebook_is_there(root: Path) -> None:
    assert state(root, "old").words == "not built"
    for folder in (root / "source" / "old", root / "exchange/cnn/outbound/old"):
        folder.mkdir(parents=True)
        (folder / "old.ipynb").write_text("{}")
    assert state(root, "old").words == "released"


def test_a_student_who_handed_in_is_counted_once_however_often_and_wherever(root: Path) -> None:
    for name in (
        "ada+sums+2026-10-01+x",
        "ada+sums+2026-10-02+y",
        "bo+sums+2026-10-02+z",
        "bo+old+2026-10-02+w",
        "junk",
    ):
        (root / "exchange/cnn/inbound" / name).mkdir(parents=True)
    for who in ("ada", "chen"):
        (root / "submitted" / who / "sums").mkdir(parents=True)
    (root / "records/reports/sums").mkdir(parents=True)
    (root / "records/reports/sums/ada.json").write_text("{}")
    (root / "feedback/ada/sums").mkdir(parents=True)
    found = state(root)
    assert (found.handed_in, found.graded, found.feedback) == (3, 1, 1)


def test_a_course_whose_toml_is_broken_says_what_to_do(root: Path) -> None:
    (root / "course" / "course.toml").write_text("[course")
    with pytest.raises(AutograderError, match="autograder check"):
        titles(root)
