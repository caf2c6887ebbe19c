from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.watch.marks import Marks
from tests.watch.test_turns import came

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_marks_are_there_after_a_restart(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.begin(came("ada"), NOW)
    marks.begin(came("eve"), NOW)
    marks.end("eve", "sums", "done")
    again = Marks(tmp_path)
    assert again.of("ada", "sums") == marks.of("ada", "sums")
    assert [student for student, _, _ in again.at("begun")] == ["ada"]
    assert [student for student, _, _ in again.at("done")] == ["eve"]


def test_an_hours_share_is_free_again_after_an_hour_and_survives_a_restart(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    for minute in range(3):
        marks.begin(came("eve", minute), NOW + timedelta(minutes=minute))
    now = NOW + timedelta(minutes=10)
    for found in (marks, Marks(tmp_path)):
        assert found.free_at("eve", 4, now) == now
        assert found.free_at("eve", 3, now) == NOW + timedelta(minutes=60)
        assert found.free_at("eve", 2, now) == NOW + timedelta(minutes=61)
        assert found.free_at("ada", 1, now) == now
    later = NOW + timedelta(minutes=60)
    assert marks.free_at("eve", 3, later) == later


def test_what_is_done_again_after_a_failure_of_ours_counts_once(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    for minute in range(5):
        marks.begin(came("ada"), NOW + timedelta(minutes=minute))
    assert marks.free_at("ada", 2, NOW + timedelta(minutes=6)) == NOW + timedelta(minutes=6)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"begun": [], "assignments": {"sums": {"stage": "x"}}}'])
def test_a_file_that_a_power_cut_spoiled_is_as_none(tmp_path: Path, content: bytes) -> None:
    Marks(tmp_path).begin(came("ada"), NOW)
    (tmp_path / "watch" / "ada.json").write_bytes(content)
    marks = Marks(tmp_path)
    assert marks.of("ada", "sums") is None
    marks.begin(came("ada"), NOW)
    assert Marks(tmp_path).of("ada", "sums") is not None
