"""nbgrader's collect with our class: whose it is and when it came is not for the student to say."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder import intake
from autograder.nbgrader_ext.places import submitted_at
from tests.nbgrader_ext.school import School

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root can hand in as several users"),
]

ADA, EVE = "nobody", "daemon"  # users that every Linux has


@pytest.fixture
def inbound(school: School, tmp_path: Path) -> Path:
    exchange = tmp_path / "exchange"
    made = exchange / "tiny" / "inbound"
    made.mkdir(parents=True)
    with (school.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    return made


def arrive(inbound: Path, student: str, owner: str, stamp: str, text: str = "{}") -> Path:
    place = inbound / f"{student}+sums+{stamp} UTC+abc"
    place.mkdir()
    (place / "sums.ipynb").write_text(text)
    (place / "timestamp.txt").write_text(f"{stamp} UTC")
    for path in (*place.iterdir(), place):
        os.chown(path, pwd.getpwnam(owner).pw_uid, -1)
    return place


def collect(school: School, *, update: bool = True) -> dict[str, str]:
    """Run it, and return the notebook of each student."""
    with school.api() as api:
        assert api.collect("sums", update=update)["success"]
    found = (school.root / "submitted").glob("*/sums/sums.ipynb")
    return {path.parents[1].name: path.read_text() for path in found}


def test_a_submission_in_somebody_elses_name_is_refused_and_does_not_hide_their_own(
    school: School, inbound: Path
) -> None:
    arrive(inbound, ADA, ADA, "2026-01-01 10:00:00", "ada's own")
    arrive(inbound, ADA, EVE, "2026-01-02 10:00:00", "eve's for ada")
    arrive(inbound, EVE, EVE, "2026-01-02 10:00:00", "eve's own")
    assert collect(school) == {ADA: "ada's own", EVE: "eve's own"}


def test_a_time_that_came_along_is_not_believed(school: School, inbound: Path) -> None:
    arrive(inbound, ADA, ADA, "2001-01-01 10:00:00")
    collect(school)
    stamp = submitted_at(school.root / "submitted" / ADA / "sums")
    assert stamp is not None
    assert abs(stamp - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=10)


def test_links_are_not_followed(school: School, inbound: Path) -> None:
    place = arrive(inbound, ADA, ADA, "2026-01-01 10:00:00")
    (place / "more.txt").symlink_to("/etc/passwd")
    (inbound / f"{EVE}+sums+2026-01-01 10:00:00 UTC+x").symlink_to(place)
    assert set(collect(school)) == {ADA}
    assert not (school.root / "submitted" / ADA / "sums" / "more.txt").exists()


def test_the_latest_is_taken_and_the_one_before_is_kept(school: School, inbound: Path) -> None:
    arrive(inbound, ADA, ADA, "2026-01-01 10:00:00", "first")
    assert collect(school) == {ADA: "first"}
    assert collect(school) == {ADA: "first"}
    arrive(inbound, ADA, ADA, "2026-01-01 09:00:00", "second")  # later, whatever it says
    assert collect(school, update=False) == {ADA: "first"}
    assert collect(school) == {ADA: "second"}
    (kept,) = (school.root / "records" / "superseded" / "sums" / ADA).iterdir()
    assert (kept / "sums.ipynb").read_text() == "first"


def test_one_that_is_too_large_does_not_hide_the_one_before(
    school: School, inbound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 1000)
    arrive(inbound, ADA, ADA, "2026-01-01 10:00:00", "fits")
    arrive(inbound, ADA, ADA, "2026-01-02 10:00:00", "x" * 1001)
    assert collect(school) == {ADA: "fits"}


def test_names_that_are_none_stop_nobody(school: School, inbound: Path) -> None:
    (inbound / "rubbish").mkdir()
    (inbound / "+sums+2026-01-01 10:00:00 UTC+x").mkdir()
    (inbound / "no-such-user+sums+soon+x").mkdir()
    arrive(inbound, ADA, ADA, "2026-01-01 10:00:00", "ada's own")
    assert collect(school) == {ADA: "ada's own"}


def test_where_all_users_are_one_to_the_machine_staff_say_so(school: School, inbound: Path) -> None:
    with (school.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.ExchangeCollect.check_owner = False\n")
    arrive(inbound, "somebody", EVE, "2026-01-01 10:00:00", "somebody's own")
    assert collect(school) == {"somebody": "somebody's own"}
