"""An exchange is moved as docs/operations.md says: no time, no score and no submission changes by it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.nbgrader_ext.places import submitted_at
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


def moved(hall: Hall, new: Path) -> Path:
    """Copy it, and name the new place. Return the old one."""
    old = hall.exchange
    shutil.copytree(old, new, ignore=lambda folder, names: names if folder.endswith("inbound") else [])
    new.chmod(0o777)
    (new / "tiny" / "inbound").chmod((old / "tiny" / "inbound").stat().st_mode)
    hall.configure(f"c.Exchange.root = {str(new)!r}")
    hall.exchange, hall.inbound = new, new / "tiny" / "inbound"
    return old


def collect_from(hall: Hall, old: Path) -> None:
    """`nbgrader collect sums --update --Exchange.root=OLD`"""
    with hall.school.api() as api:
        api.coursedir.assignment_id = "sums"
        app = api.exchange.Collect(coursedir=api.coursedir, authenticator=api.authenticator, parent=api, update=True)
        app.root = str(old)
        app.start()


def test_what_was_collected_keeps_its_time_and_score_and_what_was_not_is_taken_over(hall: Hall, tmp_path: Path) -> None:
    for total in (7, 5, 6):
        hall.submit("ada", total)
        hall.once()
    hall.submit("ben", 5)
    hall.submit("ben", 7)  # nobody has collected these
    came = submitted_at(hall.root / "submitted" / "ada" / "sums")
    hall.engine.ran.clear()
    old = moved(hall, tmp_path / "new")
    collect_from(hall, old)
    hall.school.grade("ben")
    hall.submit("cleo", 7)
    hall.once()
    assert {who for who, _ in hall.engine.ran} == {"cleo"}
    assert submitted_at(hall.root / "submitted" / "ada" / "sums") == came
    assert b"total = 7" in (hall.root / "submitted" / "ben" / "sums" / "sums.ipynb").read_bytes()
    assert hall.listed("ada") == [True, True, True] and len(hall.fetch_feedback("ada")) == 3
