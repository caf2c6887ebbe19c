"""What students handed in before leaves the exchange, and nothing else does."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.keep.erase import erase
from autograder.keep.export import export
from tests.keep.test_tidy import gone, policy, tidied
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]

NOBODY = 65534


@pytest.fixture
def busy(hall: Hall) -> Hall:
    """ada has handed in three times, and ben once; all is graded."""
    for total in (5, 6):
        hall.submit("ada", total)
        hall.once()
    hall.submit("ada", 7)
    hall.submit("ben", 7)
    hall.once()
    hall.engine.ran.clear()
    hall.events.clear()
    policy(hall.school, "superseded_days = 90")
    return hall


def inbound(hall: Hall) -> list[str]:
    return sorted(path.name.partition("+")[0] for path in hall.inbound.iterdir())


def test_what_was_replaced_goes_after_its_time_and_what_counts_stays(busy: Hall) -> None:
    assert gone(tidied(busy.school, days=89)) == [] and inbound(busy) == ["ada", "ada", "ada", "ben"]
    said = tidied(busy.school, days=91, dry_run=True)
    assert len(said.gone) == 4 and inbound(busy) == ["ada", "ada", "ada", "ben"]  # two here, two in the exchange
    done = tidied(busy.school, days=91)
    assert (gone(done), done.freed, done.stuck) == (gone(said), said.freed, [])
    assert inbound(busy) == ["ada", "ben"] and not (busy.exchange / "tiny" / ".tidied").exists()
    assert gone(tidied(busy.school, days=9999)) == []


def test_the_watcher_grades_nothing_again_and_feedback_stays_where_students_find_it(busy: Hall) -> None:
    pages, total = busy.pages(), busy.school.total("ada")
    tidied(busy.school, days=91)
    busy.once()
    assert busy.engine.ran == [] and busy.school.total("ada") == total and busy.pages() == pages
    assert busy.listed("ada") == [True, True, True] and len(busy.fetch_feedback("ada")) == 3


def test_what_was_not_collected_yet_stays(busy: Hall) -> None:
    busy.submit("ada", 8)
    busy.submit("ben", 8)
    tidied(busy.school, days=9999)
    assert inbound(busy) == ["ada", "ada", "ben", "ben"]
    busy.once()
    assert sorted(busy.engine.ran) == [("ada", 8), ("ben", 8)]


def test_what_came_when_nothing_was_taken_any_more_stays_for_who_is_given_more_time(busy: Hall) -> None:
    busy.school.in_toml('due = 2020-01-01T12:00:00Z\ncloses = 2020-01-02T12:00:00Z\nlate = "accept"')
    busy.submit("ben", 8)
    busy.once()
    assert ("refused", "ben") in busy.told()
    tidied(busy.school, days=9999)
    assert inbound(busy) == ["ada", "ben", "ben"]


def test_without_what_was_collected_nothing_of_the_exchange_goes(busy: Hall) -> None:
    shutil.rmtree(busy.root / "submitted" / "ada")
    tidied(busy.school, days=9999)
    assert inbound(busy) == ["ada", "ada", "ada", "ben"]


@pytest.fixture
def with_a_folder(busy: Hall) -> Path:
    """The first submission of ada's has a folder in it."""
    first = min(busy.inbound.glob("ada+*"))
    (first / "own").mkdir()
    (first / "own").chmod(0o1777)
    (first / "own" / "notes.txt").write_text("x")
    busy.submit("ada", 9)
    busy.once()
    policy(busy.school, f"quota_gb = {1 / 1e9}")
    return first


def test_all_of_it_goes_or_nothing_and_a_dry_run_knows(
    busy: Hall, with_a_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder in it that only its student may change: a part of a submission would be taken for a new one."""
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "own" and may(path, mode))
    said = tidied(busy.school, dry_run=True)
    done = tidied(busy.school)
    assert (said.stuck, gone(said)) == (done.stuck, gone(done)) == ([str(with_a_folder)], gone(done))
    assert done.over == 0 and (with_a_folder / "sums.ipynb").is_file() and inbound(busy) == ["ada", "ada", "ben"]


def test_what_lies_in_a_folder_with_a_sticky_bit_is_its_owners(
    busy: Hall, with_a_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert tidied(busy.school).stuck == [str(with_a_folder)] and (with_a_folder / "sums.ipynb").is_file()


def test_a_folder_that_nobody_else_may_look_into_is_its_owners(
    busy: Hall, with_a_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.scandir

    def shut(path: str) -> Any:
        if path == str(with_a_folder / "own"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", shut)
    assert tidied(busy.school).stuck == [str(with_a_folder)] and (with_a_folder / "sums.ipynb").is_file()


def test_what_cannot_be_removed_after_all_is_named_each_time_and_the_rest_counts(
    busy: Hall, with_a_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def shut(path: Path, **how: Any) -> None:
        if not any(with_a_folder.name in (one.name, path.name) for one in path.glob("*")):
            remove(path, **how)

    monkeypatch.setattr(shutil, "rmtree", shut)
    done = tidied(busy.school)
    (left,) = done.stuck
    assert Path(left).parent.parent.name == ".tidied" or Path(left).parent.name == ".tidied"
    assert inbound(busy) == ["ada", "ben"] and len(done.gone) > 2
    again = tidied(busy.school)
    assert len(again.stuck) == 1 and gone(again) == []
    erased = erase(busy.root, "ben")
    assert erased.left == {}
    assert len(erase(busy.root, "ada", dry_run=True).gone) > 0
    monkeypatch.undo()
    assert tidied(busy.school).stuck == [] and not (busy.exchange / "tiny" / ".tidied").exists()


def test_what_its_student_hands_in_anew_under_the_same_name_stays(busy: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.keep import tidy as module

    chosen, first = module._chosen, min(busy.inbound.glob("ada+*"))

    def meanwhile(*given: object) -> object:
        found = chosen(*given)  # type: ignore[arg-type]
        (first / "sums.ipynb").write_text((first / "sums.ipynb").read_text())
        return found

    monkeypatch.setattr(module, "_chosen", meanwhile)
    tidied(busy.school, days=91)
    assert first.is_dir() and inbound(busy) == ["ada", "ada", "ben"]


def test_what_a_killed_tidy_had_moved_aside_goes_with_the_next_and_with_its_student(busy: Hall) -> None:
    aside = busy.exchange / "tiny" / ".tidied"
    left = aside / "abc" / "ada+sums+2026-01-01 12:00:00 UTC+xyz"
    for clean in (lambda: tidied(busy.school), lambda: erase(busy.root, "ada")):
        left.mkdir(parents=True)
        (left / "sums.ipynb").write_text("x")
        tidied(busy.school, dry_run=True)
        erase(busy.root, "ben")
        assert left.is_dir()
        clean()
        assert not left.exists()


def test_who_is_erased_has_no_page_in_the_exchange_whatever_went_before(busy: Hall, tmp_path: Path) -> None:
    pages = set(busy.pages())
    tidied(busy.school, days=91)
    export(busy.root, "ada", tmp_path / "ada.zip")
    with zipfile.ZipFile(tmp_path / "ada.zip") as found:
        assert sum(name.startswith("feedback-in-the-exchange/") for name in found.namelist()) == 3
    erase(busy.root, "ada")
    assert len(pages) == 4 and len(busy.pages()) == 1
    assert not any("pages" in path.parts for path in (busy.root / "records").rglob("ada.json"))


def test_a_quota_counts_what_lies_in_the_exchange(busy: Hall) -> None:
    policy(busy.school, f"quota_gb = {(tidied(busy.school).used - 1) / 1e9}")
    done = tidied(busy.school)
    assert len(done.gone) == 1 and done.over == 0
