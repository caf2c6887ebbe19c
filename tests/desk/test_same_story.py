"""A student's story over nbgrader's folder and over the desk: the same in the exchange, in the home, on the list."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.desk.reception import Reception
from tests.desk.student import OVER_DESK, OVER_FOLDER, Student
from tests.nbgrader_ext.conftest import generated as generated
from tests.nbgrader_ext.school import School
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|secret.txt|[.]html|[.]ipynb):ResourceWarning"),
]

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} UTC")


@dataclass
class Place:
    """A course, and somebody who takes it."""

    hall: Hall
    over: str
    new: Callable[[str], Student]
    reception: Reception | None = None


@contextmanager
def place(over: str, folder: Path, generated: Path) -> Iterator[Place]:
    shutil.copytree(generated, folder / "course")
    hall = Hall(School(folder / "course"), folder)
    with ExitStack() as stack:
        if over == "folder":
            yield Place(hall, over, lambda name: _over_folder(hall, folder, name))
            return
        reception = stack.enter_context(Reception(hall.exchange / "tiny").open())
        yield Place(hall, over, lambda name: _over_desk(reception, folder, name), reception)


def _over_folder(hall: Hall, folder: Path, name: str) -> Student:
    return Student(name, folder / name, OVER_FOLDER.format(exchange=str(hall.exchange), name=name), {})


def _over_desk(reception: Reception, folder: Path, name: str) -> Student:
    address = reception.url.replace("desk-tiny", "desk-COURSE")
    environment = {"AUTOGRADER_DESK": address, "JUPYTERHUB_API_TOKEN": reception.hub.student(name)}
    return Student(name, folder / name, OVER_DESK, environment)


@pytest.fixture
def both(generated: Path, tmp_path: Path) -> Iterator[list[Place]]:
    level = logging.root.level
    with place("folder", tmp_path / "a", generated) as one, place("desk", tmp_path / "b", generated) as other:
        yield [one, other]
    logging.root.setLevel(level)


@pytest.fixture
def desk(generated: Path, tmp_path: Path) -> Iterator[Place]:
    with place("desk", tmp_path, generated) as one:
        yield one


def tree(folder: Path, contents: bool = True) -> dict[str, Any]:
    """What lies there, without what differs by nature: times, chance, secrets, and feedback that names them."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = re.sub(r"\+[\w=-]{12}(?=/|$)", "+CHANCE", STAMP.sub("TIME", path.relative_to(folder).as_posix()))
        content = "folder" if path.is_dir() else STAMP.sub("TIME", path.read_text("utf-8", "replace"))
        if path.name == "submission_secret.txt":
            content = f"{len(content)} letters"
        found[name] = (oct(path.stat().st_mode), content if contents else "")
    return found


def listed(student: Student) -> Any:
    """The list as its page draws it, without times. It shows no path but those of what was fetched."""

    def plain(value: Any, paths: bool = False) -> Any:
        if isinstance(value, dict):
            paths = value.get("status", "fetched" if paths else "") == "fetched"
            return {key: plain(one, paths) for key, one in value.items() if paths or key != "path"}
        if isinstance(value, list):
            return [plain(one, paths) for one in value]
        return STAMP.sub("TIME", value.replace(str(student.home), "HOME")) if isinstance(value, str) else value

    return plain(student.lists())


def test_the_story_of_a_submission_is_the_same(both: list[Place]) -> None:
    told: list[tuple[Any, ...]] = []
    for one in both:
        ada = one.new("ada")
        found: list[Any] = []

        def look(one: Place = one, ada: Student = ada, found: list[Any] = found) -> None:
            home = {name: what for name, what in tree(ada.home).items() if not name.startswith("config")}
            found.append((listed(ada), tree(one.hall.inbound), home))

        look()
        assert ada.fetches()
        look()
        ada.answers(7)
        (ada.work / "data").mkdir()
        (ada.work / "data" / "my notes.txt").write_text("more")
        (ada.work / "data" / "more.txt").symlink_to("my notes.txt")
        (ada.work / "run.sh").write_text("#!/bin/sh\n")
        (ada.work / "run.sh").chmod(0o700)
        (ada.work / ".ipynb_checkpoints").mkdir()
        assert ada.submits()
        look()
        assert one.hall.once() == one.hall.once()  # the second time there is nothing left to do
        look()
        assert ada.fetches_feedback()
        look()
        ada.answers(8)
        assert ada.submits()
        assert one.hall.once() is not None
        look()
        assert ada.fetches_feedback()
        look()
        assert ada.said == []
        told.append((found, one.hall.told(), one.hall.school.scores("ada")))
    (folder, *rest), (desk, *same) = told
    for step, (left, right) in enumerate(zip(folder, desk, strict=True)):
        for what, mine, theirs in zip(("list", "inbound", "home"), left, right, strict=True):
            assert mine == theirs, (step, what)
    assert rest == same
    assert rest[1]["seven"][0] == 0  # the second one counts, and it is wrong


def test_what_comes_by_the_desk_is_noticed_and_graded_at_once(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    ada.answers(7)
    with desk.hall.watching(poll=600):  # by looking now and then it would be too late
        assert ada.submits()
        desk.hall.wait("feedback", "ada")
    (submission,) = ada.lists()[1]["submissions"]
    assert submission["has_exchange_feedback"] and not submission["has_local_feedback"]
    assert ada.fetches_feedback()
    (page,) = (ada.work / "feedback").rglob("*.html")
    assert page.read_text("utf-8") == (desk.hall.root / "feedback/ada/sums/sums.html").read_text("utf-8")


def test_a_home_that_was_lost_finds_its_submissions_and_feedback_again(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    ada.answers(7)
    ada.submits()
    desk.hall.once()
    shutil.rmtree(ada.home / "data")
    shutil.rmtree(ada.work)
    assert [one["status"] for one in ada.lists()] == ["released", "submitted"]
    assert ada.fetches_feedback() and list((ada.work / "feedback").rglob("*.html"))


def test_a_desk_that_is_down_costs_nothing_and_says_what_to_do(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    before = tree(ada.home)
    ada.at("http://127.0.0.1:9")
    assert ada.submits() is ada.lists() is ada.fetches_feedback() is None
    for said in ada.said:
        assert "The desk of tiny cannot be reached now" in said and "Nothing is lost" in said
    assert f"Your work is in {ada.work}; when that is mended, submit again." in ada.said[0]
    assert tree(ada.home) == before and not any(desk.hall.inbound.iterdir())


def test_who_is_no_student_is_told_so(desk: Place) -> None:
    assert desk.reception is not None
    eve = desk.new("eve")
    desk.reception.hub.token("eve", "nbgrader-physics")
    assert eve.lists() is eve.fetches() is None
    assert all("You are not a student of tiny. Ask your course staff to add you." in said for said in eve.said)


def test_a_home_that_is_full_costs_nobody_a_submission(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    (ada.home / "data").mkdir()
    (ada.home / "data" / "nbgrader_cache").write_text("in the way of the note")
    assert ada.submits()
    assert len(list(desk.hall.inbound.iterdir())) == 1
    assert [one["status"] for one in ada.lists()] == ["fetched", "submitted"]


def test_a_file_that_cannot_be_taken_is_left_out_and_the_rest_handed_in(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    (ada.work / "odd\nname.txt").write_text("x")
    (ada.work / ("x" * 200)).write_text("x")
    assert ada.submits()
    (came,) = desk.hall.inbound.iterdir()
    assert not list(came.glob("odd*")) and not list(came.glob("xx*")) and (came / "sums.ipynb").is_file()


def test_too_much_is_told_before_it_is_sent(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    for number in range(499):
        (ada.work / f"{number}.txt").touch()
    assert not ada.submits()
    assert "There are more than 498 files and folders. Nothing was handed in." in ada.said[0]
    assert not any(desk.hall.inbound.iterdir())


def test_what_is_there_already_is_not_overwritten_by_fetching_again(desk: Place) -> None:
    ada = desk.new("ada")
    ada.fetches()
    ada.answers(7)
    mine = (ada.work / "sums.ipynb").read_bytes()
    assert not ada.fetches() and "You already have a copy" in ada.said[0]
    assert (ada.work / "sums.ipynb").read_bytes() == mine
