"""A course goes on after its disk is lost: what was kept is complete, is checked, and is put over nothing."""

from __future__ import annotations

import io
import json
import os
import pwd
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from autograder import progress
from autograder.course import load_course
from autograder.errors import AutograderError
from autograder.keep import restore as restoring
from autograder.keep.archive import check
from autograder.keep.backup import backup
from autograder.keep.erase import erase
from autograder.keep.restore import restore
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import submitted_at
from autograder.rejudge import rejudge
from tests.fakes import SEVEN, tiny_course
from tests.nbgrader_ext.postgres import programs, server
from tests.nbgrader_ext.school import School, make_course
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]

WHEN = "2026-01-10 12:00:00 UTC"


@pytest.fixture
def graded(school: School) -> School:
    """ada is right, ben's first answer is not; both were graded, a person has added points and a comment."""
    school.hand_in("ada", when=WHEN, why="Because it is.")
    school.hand_in("ben", off=1, when=WHEN)
    school.grade("ada", "ben")
    school.by_hand("ada", "why", points=3.5, comment="Nearly.")
    school.grade("ada", "ben")
    for student in ("ada", "ben"):
        assert school.feedback(student)["success"]
    school.engine.ran.clear()
    return school


def kept(root: Path, folder: Path) -> Path:
    made = backup(root, folder / "kept.tar.gz")
    assert not made.left_out
    return made.file


def at(school: School, root: Path) -> School:
    """The same people in another folder."""
    return School(root, school.answers)


def grade_again(school: School) -> tuple[set[str], set[str]]:
    """Do what `autograder grade sums` does. Return who was left alone, and who was graded."""
    found = progress.grade_all(school.root, ["sums"], None, 1, quiet=True, engine=school.engine)
    return {student for _, student in found.same}, {done.report.student for done in found.done}


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Rights and contents of all files but the database, whose copy has the same rows and other pages."""
    return {
        path.relative_to(root).as_posix(): (stat.S_IMODE(path.lstat().st_mode), path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and path.name != "gradebook.db" and not {"__pycache__", "data"} & set(path.parts)
    }


# -- there and back ----------------------------------------------------------------------------------------------------


def test_a_restored_class_has_nothing_to_be_graded_and_exports_the_same_table(graded: School, tmp_path: Path) -> None:
    table, before = graded.export(), tree(graded.root)
    (graded.root / "grades.csv").unlink()
    before.pop("grades.csv", None)
    done = restore(kept(graded.root, tmp_path), tmp_path / "else" / "where")
    there = at(graded, tmp_path / "else" / "where")
    assert tree(there.root) == before and done.notes == []
    assert grade_again(there) == ({"ada", "ben"}, set()) and there.engine.ran == []
    assert there.export() == table


def test_a_corrected_key_judges_a_restored_class_again_without_a_run(graded: School, tmp_path: Path) -> None:
    restore(kept(graded.root, tmp_path), tmp_path / "there")
    there = at(graded, tmp_path / "there")
    (there.root / "course" / "sums" / "seven.py").write_text(SEVEN.replace("slips: 7", "slips: 8"))
    with NbgraderGradebook(there.root) as book:
        changes = rejudge(load_course(there.root), "sums", None, dry_run=False, gradebook=book)
    assert {(c.student, c.exercise, c.before, c.after) for c in changes} == {
        ("ada", "seven", 1.0, 0.0), ("ben", "seven", 1.0, 0.0),
    }  # fmt: skip
    assert there.total("ada") == 3 + 3.5 and there.engine.ran == []


def test_what_another_version_keeps_in_records_is_kept_too(graded: School, tmp_path: Path) -> None:
    for name in ("attempts/sums/ada.json", "deep/er/and/deeper", "alone.json"):
        (graded.root / "records" / name).parent.mkdir(parents=True, exist_ok=True)
        (graded.root / "records" / name).write_text(name)
    before = tree(graded.root)
    restore(kept(graded.root, tmp_path), tmp_path / "there")
    assert tree(tmp_path / "there") == before


def test_times_and_rights_come_back(graded: School, tmp_path: Path) -> None:
    (graded.root / ".secret").write_text("0" * 64)
    (graded.root / ".secret").chmod(0o600)
    place = graded.root / "records" / "runs" / "sums" / "ada" / "sums"
    os.utime(place, (1_700_000_000, 1_700_000_000))
    file = kept(graded.root, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restore(file, tmp_path / "there")
    assert stat.S_IMODE((tmp_path / "there" / ".secret").stat().st_mode) == 0o600
    assert (tmp_path / "there" / place.relative_to(graded.root)).stat().st_mtime == 1_700_000_000


def test_nobody_else_can_enter_before_all_is_there(
    graded: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, there, modes = kept(graded.root, tmp_path), tmp_path / "there", []
    monkeypatch.setattr(restoring, "give_back", lambda *_: modes.append(stat.S_IMODE(there.stat().st_mode)))
    restore(file, there)
    assert (there / "course").exists() and set(modes) == {0o700}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_everything_back_to_whom_it_belonged(hall: Hall, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    hall.submit("ada")
    hall.once()
    (hall.root / ".secret").write_text("0" * 64)
    for path in (hall.root, *hall.root.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    hall.root.chmod(0o2750)
    hall.submit("ada")
    hall.submit("ben")
    file = kept(hall.root, tmp_path)
    hall.exchange.rename(tmp_path / "lost")
    hall.exchange.mkdir()
    restore(file, tmp_path / "there")
    there = tmp_path / "there"
    found = {str(path.relative_to(there)): path.stat().st_uid for path in (there, *there.rglob("*"))}
    assert {name for name, owner in found.items() if owner != nobody.pw_uid} == set()
    assert {"gradebook.db", ".secret", "records", "records/watch/ada.json", "submitted/ben/sums"} <= found.keys()
    assert stat.S_IMODE(there.stat().st_mode) == 0o2750


def test_a_name_of_any_bytes_comes_back(graded: School, tmp_path: Path) -> None:
    folder = os.fsencode(graded.root / "submitted" / "ada" / "sums")
    odd = [b"a\nb.txt", b"\xff\xfe.bin", b"-rf *.txt", "ü☃.txt".encode(), b"back\\slash", b"x" * 255]
    for name in odd:
        (Path(os.fsdecode(folder)) / os.fsdecode(name)).write_bytes(name)
    restore(kept(graded.root, tmp_path), tmp_path / "there")
    for name in odd:
        assert (tmp_path / "there" / "submitted" / "ada" / "sums" / os.fsdecode(name)).read_bytes() == name


def test_links_devices_and_hollow_files_of_a_submission_are_left_out_and_named(graded: School, tmp_path: Path) -> None:
    folder = graded.root / "submitted" / "ada" / "sums"
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    with (folder / "hollow").open("wb") as file:
        file.truncate(2**42)
    os.link(graded.root / "course" / "course.toml", folder / "hard")
    made = backup(graded.root, tmp_path / "kept.tar.gz")
    place = "submitted/ada/sums"
    assert made.left_out.keys() == {f"{place}/{name}" for name in ("link.txt", "folder", "pipe", "hollow")}
    restore(made.file, tmp_path / "there")
    there = tmp_path / "there" / place
    assert {p.name for p in there.iterdir()} == {"sums.ipynb", "timestamp.txt", "hard"}
    assert there.joinpath("hard").stat().st_nlink == 1


def test_what_staff_have_linked_into_the_course_is_kept_as_what_it_leads_to(graded: School, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "helper.py").write_text("x = 1\n")
    (graded.root / "course" / "_shared").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "round").symlink_to(graded.root / "course")
    (graded.root / "records").rename(tmp_path / "large-disk")
    (graded.root / "records").symlink_to(tmp_path / "large-disk")
    made = backup(graded.root, tmp_path / "kept.tar.gz")
    assert made.left_out == {"course/_shared/round/_shared": "it is a link to a folder that it lies in"}
    restore(made.file, tmp_path / "there")
    assert (tmp_path / "there" / "course" / "_shared" / "helper.py").read_text() == "x = 1\n"
    assert not (tmp_path / "there" / "records").is_symlink()
    assert (tmp_path / "there" / "records" / "reports" / "sums" / "ada.json").is_file()


def test_a_course_that_nobody_has_taken_yet_goes_there_and_back(tmp_path: Path) -> None:
    root = tiny_course(tmp_path / "course")
    made = backup(root, tmp_path / "kept.tar.gz")
    assert (made.gradebook, made.exchange, made.left_out) == ("", False, {})
    done = restore(made.file, tmp_path / "there")
    assert done.notes == ["There was no gradebook when the backup was made."]
    assert tree(tmp_path / "there") == tree(root) and not (root / "gradebook.db").exists()
    assert load_course(tmp_path / "there").assignment("sums").points == 4


# -- what a backup is not ----------------------------------------------------------------------------------------------


def test_a_backup_that_was_damaged_is_refused_before_anything_is_written(graded: School, tmp_path: Path) -> None:
    file = kept(graded.root, tmp_path)
    whole = file.read_bytes()
    assert check(file).files["course/course.toml"]
    for number, broken in enumerate(
        [whole[:-2000], whole[: len(whole) // 2], whole[:9000] + b"\0" * 64 + whole[9064:], b"", b"no backup at all"]
    ):
        bad = tmp_path / f"bad-{number}"
        bad.write_bytes(broken)
        with pytest.raises(AutograderError, match="take another backup"):
            restore(bad, tmp_path / "there")
    assert not (tmp_path / "there").exists()


def rewritten(file: Path, change: Callable[[dict[str, bytes]], Any], *extra: tarfile.TarInfo) -> Path:
    """Write a backup anew with other members, and digests that fit where `change` left them alone."""
    made = file.with_name("other.tar.gz")
    with tarfile.open(file) as old, tarfile.open(made, "w:gz") as new:
        members = {m.name: old.extractfile(m).read() for m in old if m.isreg()}  # type: ignore[union-attr]
        change(members)
        last = members.pop("contents.json")
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
        for info in extra:
            new.addfile(info)
        info = tarfile.TarInfo("contents.json")
        info.size = len(last)
        new.addfile(info, io.BytesIO(last))
    return made


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "extra",
    [
        member("../out"), member("/tmp/out"), member("course/../../out"), member("course//course.toml"),
        member("course/link", tarfile.SYMTYPE, "/etc"), member("course/hard", tarfile.LNKTYPE, "course/course.toml"),
        member("course/disk", tarfile.BLKTYPE), member("course/pipe", tarfile.FIFOTYPE), member("course/course.toml"),
    ],
    ids=lambda info: info.name + info.linkname,
)  # fmt: skip
def test_a_member_that_is_no_plain_file_or_leads_out_is_refused(
    graded: School, tmp_path: Path, extra: tarfile.TarInfo
) -> None:
    with pytest.raises(AutograderError, match="no plain file or folder of its own"):
        restore(rewritten(kept(graded.root, tmp_path), lambda members: None, extra), tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_a_file_that_is_missing_changed_or_added_is_named(graded: School, tmp_path: Path) -> None:
    file = kept(graded.root, tmp_path)
    for change in (
        lambda m: m.pop("course/course.toml"),
        lambda m: m.update({"course/course.toml": m["course/course.toml"] + b" "}),
    ):
        with pytest.raises(AutograderError, match=r"not as they were kept: 'course/course.toml'"):
            check(rewritten(file, change))
    with pytest.raises(AutograderError, match=r"'course/evil.py'"):
        check(rewritten(file, lambda members: None, member("course/evil.py")))


def test_a_backup_of_another_format_is_refused_with_the_version_that_reads_it(graded: School, tmp_path: Path) -> None:
    def older(members: dict[str, bytes]) -> None:
        members["backup.json"] = json.dumps({"format": 0, "program": "0.0.9"}).encode()

    with pytest.raises(AutograderError, match=r"format 0, written by autograder 0\.0\.9; this version reads format 1"):
        restore(rewritten(kept(graded.root, tmp_path), older), tmp_path / "there")


# -- nothing is put over anything --------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_left_as_it_is(graded: School, tmp_path: Path) -> None:
    file = kept(graded.root, tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(AutograderError, match="is not empty"):
        restore(file, tmp_path / "there")
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["mine.txt"]


def test_a_gradebook_that_is_in_use_is_never_written_into(graded: School, tmp_path: Path) -> None:
    live = graded.root / "gradebook.db"
    with (graded.root / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = 'sqlite:///{live}'\n")
    file_ = kept(graded.root, tmp_path)
    before = live.read_bytes()
    with pytest.raises(AutograderError, match="Name an empty one with --db URL"):
        restore(file_, tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []
    restore(file_, tmp_path / "there", database=f"sqlite:///{tmp_path / 'other.db'}")
    there = at(graded, tmp_path / "there")
    assert grade_again(there) == ({"ada", "ben"}, set()) and there.total("ada") == 3 + 1 + 3.5
    assert live.read_bytes() == before and (tmp_path / "other.db").is_file()


def test_a_second_backup_does_not_replace_the_first(graded: School, tmp_path: Path) -> None:
    file = kept(graded.root, tmp_path)
    before = file.read_bytes()
    with pytest.raises(AutograderError, match="is there already"):
        backup(graded.root, file)
    assert file.read_bytes() == before
    one = backup(graded.root, tmp_path).file
    assert one.name.startswith("tiny-2") and check(one).head["course"] == "tiny"


# -- while others write ------------------------------------------------------------------------------------------------

WRITER = """
import sys, sqlite3, time
from pathlib import Path
from autograder.files import replace_folder, write_atomic

root, number = Path(sys.argv[1]), 0
print("writing", flush=True)
while True:
    number += 1
    def build(folder):
        for name in "abc":
            (folder / f"{name}{number % 7}.txt").write_text(str(number) * 1000)
    replace_folder(root / "submitted" / "zoe" / "sums", build)
    write_atomic(root / "records" / "reports" / "sums" / "zoe.json", str(number).encode() * 1000)
    with sqlite3.connect(root / "gradebook.db", timeout=20) as database:
        database.execute("UPDATE student SET first_name = ?, last_name = ? WHERE id = 'ada'", (number, number))
    database.close()
"""


def test_every_file_folder_and_row_is_whole_while_a_writer_goes_on(graded: School, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(graded.root)], stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout is not None and writer.stdout.readline()
            for number in range(12):
                made = backup(graded.root, tmp_path / f"{number}.tar.gz")
                there = tmp_path / f"there-{number}"
                restore(made.file, there)
                texts = [p.read_text() for p in (there / "submitted" / "zoe" / "sums").iterdir()]
                assert len(texts) == 3 and len(set(texts)) == 1  # none is missing, and all are of one moment
                with at(graded, there).book() as book:
                    ada = book.find_student("ada")
                    assert ada.first_name == ada.last_name and ada.first_name is not None
            assert writer.poll() is None
        finally:
            writer.kill()
    assert not list(graded.root.rglob("*.part")) and not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


PARTS = [
    "the exchange", "feedback", "records/recorded", "records/releases", "gradebook", "autograded", "records/reports",
    "records/runs", "submitted", "records/receipts", "records/superseded", "course", "source", "release", "solutions",
    "what is in work", "what was handed in",
]  # fmt: skip


def test_the_parts_are_those_that_are_disturbed_below(hall: Hall, tmp_path: Path) -> None:
    said: list[str] = []
    backup(hall.root, tmp_path / "kept.tar.gz", said.append)
    assert set(said) == {*PARTS, "records/pools"}


@pytest.mark.parametrize("moment", PARTS)
def test_whoever_hands_in_and_is_graded_while_a_part_is_copied_is_graded_and_told_after_a_restore(
    hall: Hall, tmp_path: Path, moment: str
) -> None:
    hall.submit("ada", 7)
    hall.once()

    done: list[str] = []

    def meanwhile(part: str) -> None:
        if part == moment and not done:
            done.append(part)
            for student, total in (("ada", 6), ("ben", 8)):
                hall.submit(student, total)
            hall.once()

    file = backup(hall.root, tmp_path / "kept.tar.gz", meanwhile).file
    another = tmp_path / "there"
    stamp = {student: hall.watcher()._exchange.collected(student, "sums") for student in ("ada", "ben")}
    hall.exchange.rename(tmp_path / "lost")
    hall.exchange.mkdir()
    hall.exchange.chmod(0o777)
    assert restore(file, another).notes == []
    hall.root = hall.school.root = another
    hall.once()
    for student, total in (("ada", b"total = 6"), ("ben", b"total = 8")):
        assert total in (another / "submitted" / student / "sums" / "sums.ipynb").read_bytes()
        assert hall.school.scores(student)["seven"] == (0, False)
        assert hall.fetch_feedback(student)[-1] == hall.school.page(student)
        assert submitted_at(another / "submitted" / student / "sums") == stamp[student]
        with hall.school.book() as book:
            assert book.find_submission("sums", student).timestamp == stamp[student]
    (earlier,) = (another / "records" / "superseded" / "sums" / "ada").iterdir()
    assert b"total = 7" in (earlier / "sums.ipynb").read_bytes()
    hall.events.clear()
    hall.once()
    assert hall.told() == []
    found = progress.grade_all(another, ["sums"], None, 1, quiet=True, engine=hall.engine)
    assert {student for _, student in found.same} == {"ada", "ben"}


def test_what_nobody_has_collected_comes_back_with_the_time_at_which_it_came(hall: Hall, tmp_path: Path) -> None:
    hall.submit("ada", 7)
    hall.once()
    first = hall.watcher()._exchange.collected("ada", "sums")
    places = [hall.submit("ada", 5), hall.submit("ada", 6), hall.submit("ben", 6)]
    changed = [datetime.fromtimestamp(p.stat().st_ctime) for p in places]
    file = backup(hall.root, tmp_path / "kept.tar.gz").file
    hall.exchange.rename(tmp_path / "lost")
    hall.exchange.mkdir()
    hall.exchange.chmod(0o777)
    done = restore(file, tmp_path / "there")
    assert list(done.collected) == ["ada, sums", "ben, sums"]
    ada = tmp_path / "there" / "submitted" / "ada" / "sums"
    assert b"total = 6" in (ada / "sums.ipynb").read_bytes()
    came = submitted_at(ada)
    assert came is not None and abs((came - changed[1]).total_seconds()) < 1 and first is not None and came > first
    earlier = tmp_path / "there" / "records" / "superseded" / "sums" / "ada"
    texts = [(p / "sums.ipynb").read_bytes() for p in sorted(earlier.iterdir())]
    assert [b"total = 7" in texts[0], b"total = 5" in texts[1], len(texts)] == [True, True, 2]
    hall.root = hall.school.root = tmp_path / "there"
    hall.once()
    assert hall.school.scores("ada")["seven"] == hall.school.scores("ben")["seven"] == (0, False)
    assert "ada" in [e.student for e in hall.events if e.kind == "feedback"]
    assert submitted_at(ada) == came


def test_what_in_the_exchange_is_nobodys_to_take_is_named(hall: Hall, tmp_path: Path) -> None:
    place = hall.submit("ada")
    (place / "link").symlink_to("/etc/passwd")
    hall.submit("ben")
    (hall.inbound / "eve+sums+now+x").symlink_to(place)
    made = backup(hall.root, tmp_path / "kept.tar.gz")
    inbound = "exchange/inbound"
    assert made.left_out == {
        f"{inbound}/{place.name}/link": "it is a link",
        f"{inbound}/eve+sums+now+x": "it is a link, or no folder",
    }
    assert list(restore(made.file, tmp_path / "there").collected) == ["ada, sums", "ben, sums"]


def test_an_exchange_that_goes_on_is_left_as_it_is(hall: Hall, tmp_path: Path) -> None:
    hall.submit("ada")
    hall.once()
    file = backup(hall.root, tmp_path / "kept.tar.gz").file
    before = tree(hall.exchange)
    done = restore(file, tmp_path / "there")
    assert tree(hall.exchange) == before and "was left as it is" in done.notes[0]
    (tmp_path / "new").mkdir()
    (tmp_path / "new").chmod(0o777)
    done = restore(file, tmp_path / "elsewhere", exchange=str(tmp_path / "new"))
    assert done.notes == [] and hall.pages()
    assert [p.name for p in (tmp_path / "new" / "tiny" / "feedback").iterdir()] == [p.name for p in hall.pages()]
    assert stat.S_IMODE((tmp_path / "new" / "tiny" / "inbound").stat().st_mode) == 0o733


def test_an_exchange_inside_the_course_is_there_again(hall: Hall, tmp_path: Path) -> None:
    root = tmp_path / "there"
    hall.submit("ada")
    hall.once()
    pages = [page.name for page in hall.pages()]
    hall.exchange.rename(hall.root / "exchange")
    hall.root.rename(root)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(root / 'exchange')!r}\n")
    file = backup(root, tmp_path / "kept.tar.gz").file
    root.rename(tmp_path / "lost")
    assert restore(file, root).notes == []
    place = root / "exchange" / "tiny"
    assert (place / "outbound" / "sums" / "sums.ipynb").is_file()
    assert pages and [page.name for page in (place / "feedback").iterdir()] == pages
    assert sorted(path.name for path in (root / "exchange").iterdir()) == ["tiny"]
    assert not (root / "exchange-from-backup").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_the_exchange_to_whom_the_course_belongs(hall: Hall, tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for path in (hall.root, *hall.root.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    file = kept(hall.root, tmp_path)
    hall.exchange.rename(tmp_path / "lost")
    hall.exchange.mkdir()
    restore(file, tmp_path / "there")
    laid = [hall.exchange / "tiny", *(hall.exchange / "tiny").rglob("*")]
    assert len(laid) > 4 and {path.stat().st_uid for path in laid} == {nobody.pw_uid}


# -- interrupted -------------------------------------------------------------------------------------------------------

COMMAND = """
import resource, sys
from pathlib import Path
from autograder.errors import AutograderError
from autograder.keep.backup import backup
from autograder.keep.erase import erase
from autograder.keep.restore import restore

size = int(sys.argv[4])
if size:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    {"backup": backup, "restore": restore}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
except AutograderError as error:
    sys.exit(f"{error}")
"""


def run(what: str, source: Path, target: Path, size: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, what, str(source), str(target), str(size)], stderr=subprocess.PIPE, text=True
    )


def test_a_full_disk_leaves_no_backup_and_no_course(graded: School, tmp_path: Path) -> None:
    (graded.root / "submitted" / "ada" / "sums" / "noise.bin").write_bytes(os.urandom(300_000))
    with run("backup", graded.root, tmp_path / "small.tar.gz", 100_000) as small:
        said = small.communicate()[1]
    assert small.returncode == 1 and "there is room" in said and "Traceback" not in said
    assert not (tmp_path / "small.tar.gz").exists() and not list(tmp_path.glob(".backup-*"))
    file = kept(graded.root, tmp_path)
    with run("restore", file, tmp_path / "there", 100_000) as small:
        said = small.communicate()[1]
    assert small.returncode == 1 and "Make room" in said and "Traceback" not in said
    assert list((tmp_path / "there").iterdir()) == []


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one_and_the_next_sweeps_up(
    graded: School, tmp_path: Path
) -> None:
    for number in range(4):
        (graded.root / "submitted" / "ada" / "sums" / f"noise-{number}.bin").write_bytes(os.urandom(20_000_000))
    for _ in range(3):
        with run("backup", graded.root, tmp_path / "kept.tar.gz") as process:
            while not (parts := list(tmp_path.glob(".backup-*.part"))) or parts[0].stat().st_size < 1_000_000:
                assert process.poll() is None
            process.kill()
        assert not (tmp_path / "kept.tar.gz").exists()
    check(kept(graded.root, tmp_path))
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".backup")]


def test_a_restore_that_is_killed_is_no_course_and_says_what_to_do(graded: School, tmp_path: Path) -> None:
    (graded.root / "submitted" / "ada" / "sums" / "noise.bin").write_bytes(os.urandom(40_000_000))
    file = kept(graded.root, tmp_path)
    there = tmp_path / "there"
    with run("restore", file, there) as process:
        while not (there / ".restoring" / "submitted").exists():
            assert process.poll() is None
        process.kill()
    assert not (there / "course").exists()
    with pytest.raises(AutograderError, match="Empty it, and run this again"):
        restore(file, there)


MOVING = """
import os, signal, sys
from pathlib import Path
from autograder.keep.restore import restore

left, rename = int(sys.argv[3]), Path.rename

def step(path, target):
    global left
    if path.parent.name == ".restoring":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)

Path.rename = step
restore(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("moment", [1, 4, 8])
def test_a_restore_that_is_killed_while_it_moves_things_is_no_course_either(
    graded: School, tmp_path: Path, moment: int
) -> None:
    file, there = kept(graded.root, tmp_path), tmp_path / "there"
    died = subprocess.run([sys.executable, "-c", MOVING, str(file), str(there), str(moment)], check=False)
    assert died.returncode == -signal.SIGKILL and not (there / "course").exists()
    with pytest.raises(AutograderError, match="Empty it, and run this again"):
        restore(file, there)


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_gradebook_of_postgresql_goes_into_a_fresh_one(tmp_path: Path) -> None:
    bin = programs()
    if bin is None:
        pytest.skip("no PostgreSQL server program (initdb) on this machine: this database was NOT tested")
    with server(bin) as url, server(bin) as other:
        root = make_course(tmp_path / "course")
        with (root / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
        school = School(root)
        school.generate()
        school.hand_in("ada", when=WHEN)
        school.grade("ada")
        school.by_hand("ada", "why", points=2.5, comment="Nearly; 100 % of \\ and ' stay.")
        school.grade("ada")
        table, file = school.export(), kept(root, tmp_path)
        with pytest.raises(AutograderError, match="holds something"):
            restore(file, tmp_path / "there")
        restore(file, tmp_path / "there", database=other)
        there = at(school, tmp_path / "there")
        assert grade_again(there) == ({"ada"}, set())
        assert there.export() == table and there.total("ada") == 3 + 1 + 2.5
        with there.book() as book:
            assert book.engine.url == make_url(other)
        assert "the student's rows in the gradebook" in erase(there.root, "ada").gone
        with there.book() as book:
            assert book.students == [] and book.assignment_submissions("sums") == []
        with school.book() as book:
            assert len(book.students) == 1
            assert book.find_comment("why", "sums", "sums", "ada").manual_comment.endswith("' stay.")
