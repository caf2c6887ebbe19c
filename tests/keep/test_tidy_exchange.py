"""What students handed in before leaves the exchange, and nothing else does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from autograder.keep.erase import erase
from tests.keep.test_tidy import gone, policy, tidied
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


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


def test_all_of_it_goes_or_nothing_and_what_is_stuck_is_told(busy: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in it that only its student may change: a part of a submission would be taken for a new one."""
    first = min(busy.inbound.glob("ada+*"))
    (first / "own").mkdir()
    (first / "own" / "notes.txt").write_text("x")
    busy.submit("ada", 9)
    busy.once()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "own" and may(path, mode))
    policy(busy.school, f"quota_gb = {1 / 1e9}")
    done = tidied(busy.school)
    assert [piece.place for piece in done.stuck] == [first] and done.over == 0
    assert (first / "sums.ipynb").is_file()
    assert inbound(busy) == ["ada", "ada", "ben"]


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
    for clean in (lambda: tidied(busy.school), lambda: erase(busy.root, "ada")):
        (aside / "abc" / "old").mkdir(parents=True)
        (aside / "abc" / "old" / "sums.ipynb").write_text("x")
        tidied(busy.school, dry_run=True)
        assert aside.is_dir()
        clean()
        assert not aside.exists()


def test_a_quota_counts_what_lies_in_the_exchange(busy: Hall) -> None:
    policy(busy.school, f"quota_gb = {(tidied(busy.school).used - 1) / 1e9}")
    done = tidied(busy.school)
    assert len(done.gone) == 1 and done.over == 0
