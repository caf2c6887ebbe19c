"""All that is kept of one student is handed out, and is gone when it is to go; nobody else notices."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import AutograderError
from autograder.keep.backup import backup
from autograder.keep.erase import erase
from autograder.keep.export import export
from autograder.nbgrader_ext.shelf import Found, Shelf
from autograder.release import Move, keep_moves, newest
from autograder.store import Store
from autograder.types import Evidence, Run
from tests.keep.test_backup import grade_again
from tests.nbgrader_ext.school import School
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


@pytest.fixture
def taught(hall: Hall) -> Hall:
    """ada has handed in twice, and once more just now; ben once; both know their feedback."""
    hall.submit("ada", 5)
    hall.once()
    hall.submit("ada", 6)
    hall.submit("ben", 7)
    hall.submit("ada.json", 7)
    hall.submit("a", 7)
    hall.once()
    hall.school.by_hand("ada", "why", points=2, comment="Nearly, ada.")
    version = newest(hall.root / "records", "sums").version
    moves = {name: Move("0" * 16, version, f"Sorry, {name}.") for name in ("ada", "ben")}
    keep_moves(hall.root / "records", "sums", moves)
    withdrawn = hall.root / "records" / "withdrawn" / "sums"
    withdrawn.mkdir(parents=True)
    (withdrawn / "nine-GradeCell.csv").write_text("student,points,extra,comment\r\nada,1,,\r\nben,2,,\r\n")
    hall.submit("ada", 8)
    hall.events.clear()
    return hall


def traces(hall: Hall) -> set[str]:
    """Files anywhere whose name or content tells of the student alone."""
    found = set()
    for base in (hall.root, hall.exchange):
        for path in base.rglob("*"):
            parts = path.relative_to(base).parts
            named = "ada" in parts or any(part.startswith("ada+") for part in parts)
            named |= path.name == "ada.json" and set(parts) & {"reports", "receipts", "watch"} != set()
            if named or (path.is_file() and b'"ada"' in path.read_bytes()):
                found.add("/".join(parts))
    return found


def others(hall: Hall) -> dict[str, bytes]:
    """All files that are not ada's, but the database and those that tell of several."""
    shared = ("gradebook.db", ".lock", ".moves.json", "nine-GradeCell.csv")
    return {
        path.relative_to(base).as_posix(): path.read_bytes()
        for base in (hall.root, hall.exchange)
        for path in base.rglob("*")
        if path.is_file() and path.relative_to(base).as_posix() not in traces(hall) and path.name not in shared
        and path.parent.name != "feedback" and "__pycache__" not in path.parts
    }  # fmt: skip


def test_a_students_export_holds_all_that_is_kept(taught: Hall, tmp_path: Path) -> None:
    done = export(taught.root, "ada", tmp_path / "ada.zip")
    assert done.left_out == {}
    with zipfile.ZipFile(tmp_path / "ada.zip") as found:
        names, read = set(found.namelist()), found.read
        assert b"total = 6" in read("submissions/sums/sums.ipynb")
        (earlier,) = [n for n in names if n.startswith("earlier-submissions/") and n.endswith(".ipynb")]
        (waiting,) = [n for n in names if n.startswith("in-the-exchange/") and b"total = 8" in read(n)]
        assert b"total = 5" in read(earlier) and waiting
        assert read("feedback/sums/sums.html").decode() == taught.school.page("ada")
        scores = list(csv.DictReader(io.StringIO(read("scores.csv").decode())))
        assert {(r["exercise"], r["points"]) for r in scores} == {("double", "3.0"), ("seven", "0.0"), ("why", "2.0")}
        about = json.loads(read("gradebook.json"))
        assert about["assignments"]["sums"]["exercises"]["why"]["comment_of_a_person"] == "Nearly, ada."
        assert json.loads(read("evidence/sums/sums.json"))["answers"]["seven"]["value"] == 6
        assert "note" not in json.loads(read("reports/sums.json"))["verdicts"]["seven"]
        other = json.loads(read("other.json"))
        assert other["moved"]["sums"]["words"] == "Sorry, ada." and other["watch"]["assignments"].keys() == {"sums"}
        assert "ben" not in b"".join(map(read, names)).decode("utf-8", "replace")
        assert "Left out: notes for staff" in read("README.txt").decode()
    assert (tmp_path / "ada.zip").stat().st_mode & 0o777 == 0o600


def test_what_follows_from_hidden_inputs_is_not_handed_out(taught: Hall, tmp_path: Path) -> None:
    """A function that returns what it is given, and a model that predicts its input, would tell them."""
    hidden = Evidence("ok", value="a-hidden-one")
    evidence = {
        "f": Evidence("ok", calls=(hidden,), detail="raised on 'a-hidden-one'"),
        "m": Evidence("ok", value="a-hidden-one", artefact="m.keras"),
    }
    run = Run("", evidence, b"{}", artefacts={"m.keras": b"weights"})
    Store(taught.root).put_run("sums", "ada", "sums", "", run)
    export(taught.root, "ada", tmp_path / "ada.zip")
    with zipfile.ZipFile(tmp_path / "ada.zip") as found:
        assert b"a-hidden-one" not in b"".join(map(found.read, found.namelist()))
        assert found.read("evidence/sums/sums/m.keras") == b"weights"


def test_an_export_can_be_unpacked_whatever_files_are_called_and_follows_no_link(taught: Hall, tmp_path: Path) -> None:
    folder = taught.root / "submitted" / "ada" / "sums"
    (folder / "key").symlink_to("/etc/passwd")
    for name in (b"a\nb", b"\xff", b"..\\..\\evil.bat", b"con:x"):
        (folder / os.fsdecode(name)).write_text("x")
    os.utime(folder / "a\nb", (86_400, 86_400))
    done = export(taught.root, "ada", tmp_path / "ada.zip")
    assert done.left_out == {"submissions/sums/key": "it is a link"}
    with zipfile.ZipFile(tmp_path / "ada.zip") as found:
        assert found.testzip() is None
        assert found.getinfo("submissions/sums/a_b").date_time[:3] == (1980, 1, 2)
        assert {"a_b", ".._.._evil.bat", "con_x"} <= {Path(n).name for n in found.namelist()}
        assert not [n for n in found.namelist() if not n.isprintable() or "\\" in n]


def test_erasing_leaves_nothing_of_the_student_and_all_of_the_others(taught: Hall) -> None:
    pages, keep = set(taught.pages()), others(taught)
    of_ben = {p for p in pages if p.read_text("utf-8") == taught.school.page("ben")}
    assert len(pages) == 5 and len(of_ben) == 1 and traces(taught)
    said = erase(taught.root, "ada", dry_run=True)
    assert set(taught.pages()) == pages and taught.school.total("ada") and said.gone
    done = erase(taught.root, "ada")
    assert done.gone == said.gone and done.left == {} and traces(taught) == set()
    assert pages - set(taught.pages()) == {p for p in pages if p not in of_ben and not p.exists()}
    assert len(taught.pages()) == 3  # ben's, and those of two who are called nearly alike
    assert others(taught) == keep
    assert b"Nearly, ada." not in (taught.root / "gradebook.db").read_bytes()
    with taught.school.book() as book:
        assert {student.id for student in book.students} == {"a", "ada.json", "ben"}
    assert (taught.root / "records/withdrawn/sums/nine-GradeCell.csv").read_text().splitlines()[1:] == ["ben,2,,"]
    assert erase(taught.root, "ada").gone == []


def test_whoever_is_left_has_nothing_to_be_graded_and_the_watcher_takes_nothing_up(taught: Hall) -> None:
    taught.once()
    grade_again(School(taught.root, taught.school.answers))
    taught.events.clear()
    erase(taught.root, "ada")
    taught.once()
    assert taught.told() == []
    taught.submit("ada", 7)  # who comes back is new
    taught.once()
    assert taught.told("feedback") == [("feedback", "ada")]
    assert taught.school.scores("ada")["why"] == (0, False)


def test_what_remains_elsewhere_is_said(taught: Hall, tmp_path: Path) -> None:
    shutil.copy(taught.root / "gradebook.db", taught.root / "gradebook.db.2026-01-01")
    backup(taught.root, tmp_path / "kept.tar.gz")
    said = "\n".join(erase(taught.root, "ada").elsewhere)
    for word in ("backups", "gradebook.db.2026-01-01", "journalctl", "account on the hub"):
        assert word in said


def test_a_folder_that_becomes_a_link_while_it_is_exported_leads_nowhere(
    taught: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, look = taught.submit("ada", 6), Shelf._look

    def then_swapped(self: Shelf, collect: Any, at: Path, student: str, assignment: str) -> Found:
        said = look(self, collect, at, student, assignment)
        if at == place and not place.is_symlink():
            shutil.rmtree(place)
            place.symlink_to(taught.root / "course")
        return said

    monkeypatch.setattr(Shelf, "_look", then_swapped)
    done = export(taught.root, "ada", tmp_path / "ada.zip")
    with zipfile.ZipFile(done.file) as found:
        assert not [name for name in found.namelist() if "course.toml" in name]
    assert "link" in done.left_out[f"in-the-exchange/{place.name}"]


def test_a_link_to_anothers_submission_takes_no_feedback_of_theirs(taught: Hall) -> None:
    pages = taught.pages()
    link = taught.inbound / "eve+sums+now+x"
    link.symlink_to(taught.root / "submitted" / "ben" / "sums")
    assert erase(taught.root, "eve").gone == [str(link)]
    assert taught.pages() == pages and (taught.root / "submitted" / "ben" / "sums" / "sums.ipynb").exists()


def test_who_is_called_as_a_file_of_another_one_takes_nothing_along(taught: Hall) -> None:
    records = taught.root / "records"
    for file in ("posted/sums/ben.json", "jobs/sums/grade.json"):
        (records / file).parent.mkdir(parents=True, exist_ok=True)
        (records / file).write_text("{}")
    for name in ("ben.json", "grade"):
        assert erase(taught.root, name).gone == []
    assert (records / "posted/sums/ben.json").exists() and (records / "jobs/sums/grade.json").exists()


def test_where_a_person_must_take_out_the_name_is_said(taught: Hall) -> None:
    taught.school.in_toml('due = 2026-12-01\nextensions = { ada = "3 days" }')
    (taught.root / "records" / "jobs").mkdir()
    said = {name: "\n".join(erase(taught.root, name, dry_run=True).elsewhere) for name in ("ada", "ben")}
    assert "the extensions of sums" in said["ada"] and "extensions" not in said["ben"]
    assert "records/jobs" in said["ada"]


@pytest.mark.parametrize("name", ["", ".", "..", "../ben", "/etc", "ben/../..", ".hidden", "a\0b"])
def test_a_name_that_leads_anywhere_is_refused(taught: Hall, tmp_path: Path, name: str) -> None:
    keep = others(taught)
    for what in (lambda: erase(taught.root, name), lambda: export(taught.root, name, tmp_path / "x.zip")):
        with pytest.raises(AutograderError, match="is no student's name"):
            what()
    assert others(taught) == keep and not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("name", ["*", "ad?", "[a]da", "ben+sums", "%", "ADA", "-rf", "ben\n"])
def test_a_name_means_itself_and_no_pattern(taught: Hall, tmp_path: Path, name: str) -> None:
    keep, pages = others(taught) | dict.fromkeys(traces(taught), b""), taught.pages()
    assert erase(taught.root, name).gone == []
    with pytest.raises(AutograderError, match="Nothing is kept of"):
        export(taught.root, name, tmp_path / "x.zip")
    assert others(taught) | dict.fromkeys(traces(taught), b"") == keep and taught.pages() == pages


def test_a_link_in_a_students_place_leads_to_nobodys_loss(taught: Hall) -> None:
    shutil.rmtree(taught.root / "autograded" / "ada")
    (taught.root / "autograded" / "ada").symlink_to(taught.root / "autograded" / "ben")
    (taught.root / "submitted" / "ada" / "sums" / "folder").symlink_to(taught.root / "submitted" / "ben")
    done = export(taught.root, "ada", taught.root / "ada.zip")
    assert done.left_out.keys() == {"graded/", "submissions/sums/folder"}
    erase(taught.root, "ada")
    for step in ("autograded", "submitted"):
        assert (taught.root / step / "ben" / "sums" / "sums.ipynb").is_file()
    assert not (taught.root / "autograded" / "ada").is_symlink()


def test_what_another_version_keeps_of_a_student_goes_too(taught: Hall) -> None:
    for name in ("attempts/sums/ada.json", "attempts/sums/ben.json", "marks/sums/ada"):
        (taught.root / "records" / name).parent.mkdir(parents=True, exist_ok=True)
        (taught.root / "records" / name).write_text("{}")
    erase(taught.root, "ada")
    assert [p.name for p in (taught.root / "records" / "attempts" / "sums").iterdir()] == ["ben.json"]
    assert list((taught.root / "records" / "marks" / "sums").iterdir()) == []


def test_what_cannot_be_removed_is_named_and_the_rest_goes(taught: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that a student made within a submission is the student's, who may have shut it."""
    remove = shutil.rmtree

    def shut(path: Path, **how: Any) -> None:
        if path.name.startswith("ada+"):
            raise PermissionError(13, "Permission denied")
        remove(path, **how)

    monkeypatch.setattr("autograder.keep.erase.shutil.rmtree", shut)
    done = erase(taught.root, "ada")
    assert {Path(place).name.partition("+")[0] for place in done.left} == {"ada"} and len(done.left) == 3
    assert set(done.left.values()) == {"Permission denied"}
    assert {found.split("/")[1] for found in traces(taught)} == {"inbound"} and len(taught.pages()) == 3


def test_nothing_is_erased_while_a_watcher_could_bring_it_back(taught: Hall) -> None:
    with taught.watching(), pytest.raises(AutograderError, match="Stop that one first"):
        erase(taught.root, "ada")
    assert traces(taught)


def test_a_gradebook_that_is_locked_is_told_and_the_next_completes_it(taught: Hall) -> None:
    url = f"sqlite:///{taught.root / 'gradebook.db'}?timeout=0.1"
    taught.configure(f"c.CourseDirectory.db_url = {url!r}")
    with closing(sqlite3.connect(taught.root / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AutograderError, match="Not all is done: run this again"):
            erase(taught.root, "ada")
        other.execute("ROLLBACK")
    assert erase(taught.root, "ada").gone and traces(taught) == set()
    assert b"Nearly, ada." not in (taught.root / "gradebook.db").read_bytes()


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from autograder.files import replace_folder
from autograder.keep import erase as module
from autograder.nbgrader_ext.person import Person

count = int(sys.argv[2])
remove, forget = module._remove, Person.erase

def step(real):
    def do(*args):
        global count
        count -= 1
        if count == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*args)
    return do

module._remove, Person.erase = step(remove), step(forget)
module.erase(Path(sys.argv[1]), "ada")
"""


@pytest.mark.parametrize("moment", [2, 4, 6, 9, 12, 15, 18])
def test_an_erasure_that_is_killed_is_completed_by_the_next(taught: Hall, moment: int) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(taught.root), str(moment)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert erase(taught.root, "ada").gone and traces(taught) == set() and len(taught.pages()) == 3
    with taught.school.book() as book:
        assert {student.id for student in book.students} == {"a", "ada.json", "ben"}
    taught.once()
    assert taught.told() == []
