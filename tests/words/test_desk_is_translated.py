"""What a course's desk answers its students, and what nbgrader over the desk says to them: no plain word is left."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.log import get_logger

from autograder.desk import shelf
from autograder.desk.counter import Shares
from handin import exchange
from handin.desk import Desk, DeskError
from handin.parcel import Limits, pack
from handin.words import speaking
from tests.desk import conftest as desks
from tests.desk.reception import COURSE, Reception
from tests.desk.student import Student
from tests.desk.test_hostile import NAMES, SHAPES, body
from tests.desk.test_same_story import Place
from tests.desk.test_same_story import desk as desk
from tests.nbgrader_ext.conftest import generated as generated
from tests.words import pseudo
from translate.catalogue import ROOT

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|secret.txt|[.]html|[.]ipynb):ResourceWarning"),
]
place = desks.place
ONE = body(("a", 1), content=b"x")
KNOWN = (COURSE, "MB", "nbgrader")


@pytest.fixture
def reception(place: Path, spoken: str) -> Iterator[Reception]:
    with Reception(place, Shares(submissions=2), language=spoken).open() as opened:
        yield opened


def told(answer: Any) -> str:
    assert not answer.ok
    return str(answer.json()["message"])


def test_who_may_not_come_in_is_told_so(reception: Reception) -> None:
    hub = reception.hub
    said = [told(reception.ask("GET", "/submissions", token)) for token in (None, "wrong-token")]
    said += [told(reception.ask("GET", "/submissions", hub.token("eve", "nbgrader-physics")))]
    said += [told(reception.ask("GET", "/submissions", hub.student("a+b")))]
    hub.down = True
    said += [told(reception.ask("GET", "/submissions", hub.student("ada")))]
    assert len({*said}) == 4 and [pseudo.left(text, KNOWN) for text in said] == [[]] * 5


def test_what_cannot_be_had_or_taken_is_told(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, other = reception.hub.student("ada"), {"Content-Type": "application/x-tar"}
    said = [told(reception.ask("GET", path, ada)) for path in ("/anything", "/assignments/zzz")]
    said += [told(reception.send(ada, ONE, headers=other)), told(reception.send(ada, ONE, "zzz"))]
    said += [told(reception.send(reception.hub.student("bob"), body(("timestamp.txt/a", 0))))]
    reception.send(ada, ONE)
    said += [told(reception.send(ada, ONE))]
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "ROOM", 1 << 60)
        said += [told(reception.send(reception.hub.student("cem"), ONE))]
    with monkeypatch.context() as patched:
        patched.setattr(shelf.Shelf, "releases", lambda self: 1 / 0)
        said += [told(reception.ask("GET", "/assignments", ada))]
    reception.desk.counters._here["ada"] = 9
    said += [told(reception.ask("GET", "/submissions", ada))]
    known = [*KNOWN, "zzz", "application/x-handin-parcel", r"\[Errno 21\] Is a directory: '[^']*'"]
    said = [text.partition("[Errno")[0] for text in said]
    assert len({*said}) == 8 and [pseudo.left(text, known) for text in said] == [[]] * len(said)
    shutil.rmtree(reception.desk.shelf.place)
    assert pseudo.left(told(reception.send(reception.hub.student("dan"), ONE))) == []


def test_what_is_wrong_with_a_parcel_is_told(place: Path, spoken: str) -> None:
    """In threads, where files are written."""
    sent = {name: body((name, 1), content=b"x") for name in NAMES} | SHAPES
    with Reception(place, language=spoken).open() as reception:
        said = {told(reception.send(reception.hub.student("eve"), content)) for content in sent.values()}
    names = [ascii(name)[1:-1] for name in NAMES if name] + ["[Errno"]
    said = {text.partition("[Errno")[0] for text in said}
    assert len(said) > 20 and {text: pseudo.left(text, names) for text in said if pseudo.left(text, names)} == {}


def test_what_a_student_is_told_of_a_desk_that_does_not_answer_as_it_should(
    spoken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def provoke(call: Callable[[], object]) -> None:
        with pytest.raises(DeskError) as caught:
            call()
        said.append(str(caught.value).replace("[Errno 111] Connection refused", "").replace("timed out", ""))

    monkeypatch.delenv("AUTOGRADER_DESK", raising=False)
    provoke(lambda: Desk(COURSE))
    provoke(lambda: Desk(COURSE, "file:///x", "t"))
    provoke(lambda: Desk(COURSE, "http://127.0.0.1:9", "t").submissions())
    here = Desk(COURSE, "http://127.0.0.1:9", "t")
    monkeypatch.setattr(here, "_ask", lambda _request: iter([b"[]"]))
    provoke(lambda: here.fetch("sums", tmp_path))
    known = [*KNOWN, "AUTOGRADER_DESK", "JUPYTERHUB_API_TOKEN", "file:///x", "[Errno", "Connection refused"]
    assert [pseudo.left(text, known) for text in said] == [[]] * 4
    file = tmp_path / "a"
    file.write_text("xx")
    pieces = pack([("a", file)])[1]
    file.write_text("")
    with pytest.raises(ValueError) as caught:
        b"".join(pieces)
    assert pseudo.left(str(caught.value)) == []


def in_language(student: Student, language: str) -> None:
    """As if the release had been fetched from a course in this language."""
    (student.work / "questions.json").write_text(json.dumps({"language": language}))


def last(student: Student) -> str:
    return student.said[-1].strip().rsplit("Error: ", 1)[-1]  # nbgrader shows a traceback, and this is its end


def test_nbgrader_over_the_desk_says_it_in_the_language_of_what_was_fetched(
    desk: Place, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with speaking("en"):  # what was fetched says it
        ada, said = desk.new("ada"), []
        ada.fetches()
        in_language(ada, spoken)
        heard: list[str] = []
        monkeypatch.setattr(get_logger(), "warning", lambda text, *args: heard.append(text % args if args else text))
        ada.fetches_feedback()
        (ada.work / "odd\nname.txt").write_text("x")
        (ada.home / "data").mkdir()
        (ada.home / "data" / "nbgrader_cache").write_text("in the way of the note")
        assert ada.submits()
        for number in range(499):
            (ada.work / f"{number}.txt").touch()
        ada.submits()
        said.append(last(ada))
        ada.at("http://127.0.0.1:9")
        for provoke in (ada.submits, ada.lists, ada.fetches_feedback):
            provoke()
            said.append(last(ada).replace("[Errno 111] Connection refused", ""))
    known = [*KNOWN, str(ada.work), "sums", r"odd\nname.txt", str(ada.home), "Errno", "Not a directory", "Connection"]
    known += ["refused", "File exists", "data", "cache", COURSE, "nbgrader_cache"]
    ours = [text for text in heard if "Possible missing" not in text]
    assert len({*ours}) == 3 and [pseudo.left(text, known) for text in ours] == [[]] * 4
    assert [pseudo.left(text, known) for text in said] == [[]] * 4


def test_too_much_is_told(tmp_path: Path, spoken: str) -> None:
    """Reached on its own: no test writes 256 MB."""
    (tmp_path / "a").write_text("xxx")

    class ToldError(Exception):
        pass

    class Submit(exchange.Submit):
        def fail(self, msg: str) -> None:
            raise ToldError(msg)

    with pytest.raises(ToldError) as caught:
        Submit.__new__(Submit)._files(tmp_path, Limits(bytes=2), "")
    assert pseudo.left(str(caught.value), ["MB"]) == []


SPEAKS = ["student/handin/desk.py", "student/handin/exchange.py", "student/handin/parcel.py"]
SPEAKS += [f"autograder/desk/{name}.py" for name in ("counter", "server", "shelf")]


@pytest.mark.parametrize("name", SPEAKS)
def test_nothing_is_raised_or_warned_of_in_bare_words(name: str) -> None:
    """Also where no test gets to."""
    tree = ast.parse((ROOT / name).read_text("utf-8"))
    tree.body = [part for part in tree.body if getattr(part, "name", "") != "serve"]  # for staff
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call):
            continue
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if isinstance(node, ast.Raise) or (method in ("fail", "warning") and "app_log" not in ast.dump(call.func)):
            said = [*call.args, *(keyword.value for keyword in call.keywords)]
            assert not any(map(_is_bare, said)), f"{name}:{call.lineno}"


def _is_bare(said: ast.expr) -> bool:
    """Words that are written where they are said, an f-string's too: a call of _() is none."""
    parts = said.values if isinstance(said, ast.JoinedStr) else [said]
    texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return any(" " in text and re.search("[A-Za-z]", text) for text in texts)


@pytest.mark.parametrize("said", ['"two words"', 'f"of {n}"'])
def test_bare_words_are_seen(said: str) -> None:
    assert _is_bare(ast.parse(said, mode="eval").body)
