from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder import intake
from autograder.intake import RefusedError, take


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    (made / "data").mkdir(parents=True)
    (made / "sums.ipynb").write_text("{}")
    (made / "data" / "notes.txt").write_text("mine")
    return made


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "target"
    made.mkdir()
    return made


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_files_and_folders_are_copied(source: Path, target: Path) -> None:
    assert take(source, target, os.getuid()).refused == {}
    assert names(target) == {"sums.ipynb", "data", "data/notes.txt"}
    assert (target / "data" / "notes.txt").read_text() == "mine"


def test_links_and_odd_things_are_left_where_they_are_with_a_reason(source: Path, target: Path, tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").write_text("all grades")
    (source / "link.ipynb").symlink_to(tmp_path / "gradebook.db")
    (source / "folder").symlink_to(tmp_path)
    os.mkfifo(source / "pipe")
    (source / ("x" * 200)).write_text("")
    (source / "new\nline").write_text("")
    refused = take(source, target, os.getuid()).refused
    assert refused == {
        "link.ipynb": "it is a link", "folder": "it is a link", "pipe": "it is no regular file",
        "x" * 200: "its name cannot be used", "new\\nline": "its name cannot be used",
    }  # fmt: skip
    assert names(target) == {"sums.ipynb", "data", "data/notes.txt"}


def test_a_folder_that_is_a_link_is_refused(source: Path, target: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(source)
    with pytest.raises(RefusedError, match="it is a link"):
        take(tmp_path / "other", target, None)


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root can give a file to somebody else")
def test_what_belongs_to_somebody_else_is_refused(source: Path, target: Path) -> None:
    os.chown(source / "sums.ipynb", 1234, 1234)
    assert take(source, target, 0).refused == {"sums.ipynb": "it belongs to somebody else"}
    os.chown(source, 1234, 1234)
    with pytest.raises(RefusedError, match="it belongs to user 1234 of this machine"):
        take(source, target, 0)
    assert take(source, None, None).refused == {}


@pytest.mark.parametrize(("limit", "value", "words"), [("MAX_FILES", 2, "more than 2 files"), ("MAX_DEPTH", 1, "deep")])
def test_what_is_beyond_a_limit_is_refused_as_a_whole(
    limit: str, value: int, words: str, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, limit, value)
    with pytest.raises(RefusedError, match=words):
        take(source, target, None)


def test_what_is_too_large_is_refused(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 5)
    with pytest.raises(RefusedError, match="larger than"):
        take(source, target, None)


def test_the_time_is_that_of_the_last_change_whatever_the_files_say(source: Path) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    os.utime(source / "sums.ipynb", (0, 0))  # it says 1970, and was changed just now
    assert take(source, None, None).changed >= before.replace(microsecond=0)
