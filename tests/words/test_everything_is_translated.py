"""Everything that is said to students is said once more in a language of accents (pseudo.py): no plain word is left
but an author's, a student's and a library's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from autograder import corrections, doctor, ipynb, pipeline, schedule, submission
from autograder.engines import told
from autograder.errors import NotebookError
from autograder.exercise import Exercise
from autograder.feedback import charts, notices
from autograder.feedback.page import render
from autograder.judge import judge
from autograder.release import Releases
from autograder.schedule import Schedule
from autograder.types import Evidence, Receipt, Remark, Report, Verdict
from handin import answers, layers, numbers
from handin.questions import HandInError, find
from handin.words import speaking
from tests import fakes, test_corrections, test_doctor, test_ipynb, test_pipeline
from tests.contract import hostile
from tests.contract.test_exercises import EXERCISES, variants
from tests.engines import test_told
from tests.feedback.samples import code, facts, lesson, markdown, notebook, shown, stream
from tests.student import conftest as students
from tests.student import test_ask_check, test_layers, test_numbers
from tests.student.conftest import ANIMALS, COATS, OPTIONS, RELEASED, STEPS
from tests.words import pseudo
from tests.words.page import UNITS, left_on
from tests.words.replay import replay

release = students.release
ASKED: dict[str, Any] = RELEASED["exercises"]  # type: ignore[assignment]


pytestmark = pytest.mark.usefixtures("spoken")


# -- the notebook ------------------------------------------------------------------------------------------------------

_COURSE = [entry[part] for entry in (*OPTIONS, *STEPS, *ANIMALS, *COATS) for part in ("text", "id")]
_EXAMPLES = (
    "area(width, height)",
    "area(width: 'int', height: 'int') -> 'int'",
    "area(width: 'int', height: 'int')",
    "height",
    "width",
    "channels",
    "hologram",
)


def complaints() -> Iterator[tuple[str, object]]:
    """What other tests try."""
    answers: Any = test_ask_check.test_what_can_not_be_read_is_explained
    models: Any = test_ask_check.test_a_model_that_can_not_be_graded_is_explained
    yield from ((exercise, answer) for exercise, answer, _words in answers.pytestmark[0].args[1])
    yield from (("model", model) for model, _words in models.pytestmark[0].args[1])
    yield from [("function", lambda width: width), ("shape", (25,)), ("missing", 1)]


@pytest.mark.parametrize(("exercise", "answer"), [*complaints()], ids=lambda value: str(value)[:20])
def test_what_check_complains_of(exercise: str, answer: object, release: Path) -> None:
    with pytest.raises(HandInError) as caught:
        answers.read(find(exercise), answer)
    said = str(caught.value)
    words = [part for text in (*_texts(answer), str(exercise)) for part in (text, *text.split())]
    libraries = ["set", "object", "NoneType", "int", "True", "lambda", *layers._EXAMPLE, *layers._EXAMPLE.values()]
    refused = [part for pair in re.findall(r"- (.+) \(([^()]+)\):", said) for part in pair]
    known = [*_COURSE, *_EXAMPLES, *words, *ASKED, *UNITS, *libraries, *refused]
    assert pseudo.left(said, known) == []


def test_what_ask_and_check_say(release: Path, capsys: pytest.CaptureFixture[str], spoken: str) -> None:
    from handin import ask, check, practice

    content = json.loads((release / "questions.json").read_bytes()) | {"language": spoken}
    content["exercises"]["which"]["pool"][0]["practice"] = practice.sealed(find("which"), {"option-3": "Ω"})
    (release / "questions.json").write_text(json.dumps(content))
    with speaking("en"):  # what the release says counts
        for exercise in ASKED:
            ask(exercise)
        for exercise, answer in (
            ("count", "1000000 kB"), ("memory", "12,345.5 KiB"), ("bare", 1 / 3), ("count", "1/3"),
            ("count", "5 bytes"),
            ("which", "option-2"), ("which", "option-3"), ("essay", "a b"), ("shape", (1, 2, 3)), ("count", "1.234"),
            ("steps", ["build", "compile", "fit", "predict"]), ("memory", "5 Mb"), ("function", area),
            ("function", max),
            ("coats", {"zebra": "stripes", "tiger": "dots", "Lion": "dots"}), ("shown", lambda x: 1 / x),
            ("model", test_ask_check.FakeModel(test_ask_check.MODELS["sequential"])),
        ):  # fmt: skip
            try:
                check(exercise, answer)
            except HandInError as error:
                print(error)
        ask("which")
    said = re.sub(r"```.*?```|`[^`\n]*`", " ", capsys.readouterr().out, flags=re.DOTALL)
    author = [
        "Take",
        *(f"{n} rows of net {n}." for n in range(50)),
        *(f"**A {e['kind']}**" for e in ASKED.values()),
    ]
    errors = ["ZeroDivisionError: division by zero", "lambda"]
    known = [
        *_COURSE,
        *author,
        *(t.replace("|", "\\|") for t in _COURSE),
        *_EXAMPLES,
        "hologram",
        *errors,
        *UNITS,
        "KiB",
    ]
    assert pseudo.left(said, known) == []


def area(width: int, height: int) -> int:
    return width * height


def test_what_is_missing_beside_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from handin import packs
    from handin.questions import load, user_name

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    said = []

    def provoke(call: Callable[[], object]) -> None:
        with pytest.raises(HandInError) as caught:
            call()
        said.append(str(caught.value))

    provoke(load)
    provoke(user_name)
    for content in ("{", json.dumps(RELEASED | {"format": 2})):
        (tmp_path / "questions.json").write_text(content)
        provoke(load)
    (tmp_path / "questions.json").write_text(json.dumps(RELEASED))
    for unknown in ("shap", "zzz", 3):
        provoke(lambda unknown=unknown: find(unknown))  # type: ignore[misc]
    provoke(lambda: packs.find("pictures"))
    provoke(lambda: packs.find("no name"))
    known = ["questions.json", *ASKED, "shap", "zzz", "'no name'", "data/pictures", "pictures"]
    assert [pseudo.left(text, known) for text in said] == [[]] * len(said)


def test_how_numbers_are_read() -> None:
    seen: list[tuple[object, numbers.Reading]] = []
    whole = numbers.read

    def read(answer: object) -> numbers.Reading:
        reading = whole(answer)
        seen.append((answer, reading))
        return reading

    with patch.object(numbers, "read", read), patch.object(test_numbers, "read", read):
        assert replay(test_numbers) > 100
    assert len(seen) > 100
    types = ["True", "False", "nan", "inf", "Secret", "object", "NoneType", "set", "complex"]
    for answer, reading in seen:
        text = str(answer)[:200] if isinstance(answer, str | bool | float) else type(answer).__name__
        said = f"{reading.shown} {reading.problem or ''}"
        known = [
            text,
            text.strip(),
            text[:37],
            *re.findall(r"[A-Za-z]+", text),
            *re.findall(r"'(\w+)'", said),
            reading.unit or "",
        ]
        assert pseudo.left(said, [*known, *types, *UNITS]) == [], (answer, reading)


def test_what_a_model_must_not_hold() -> None:
    seen: list[layers.Refusal] = []
    with patch.object(layers, "Refusal", _spied(layers.Refusal, seen)):
        assert replay(test_layers) > 20
    help = {refusal.help for refusal in seen}
    known = [*layers._EXAMPLE, *layers._EXAMPLE.values()]
    assert len(help) > 5 and [pseudo.left(text, known) for text in help] == [[]] * len(help)


def _spied(cls: Any, seen: list[Any]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        made = cls(*args, **kwargs)
        seen.append(made)
        return made

    return make


# -- remarks -----------------------------------------------------------------------------------------------------------


def _remarked(*modules: Any, tests: Any) -> set[str]:
    """Return what students are told when the tests run."""
    seen: list[Remark] = []
    patches = [patch.object(module, "Remark", _spied(Remark, seen)) for module in modules]
    for one in patches:
        one.start()
    try:
        assert replay(tests) > 5
    finally:
        for one in patches:
            one.stop()
    return {remark.student for remark in seen}


def test_what_the_doctor_remarks() -> None:
    remarks = _remarked(doctor, tests=test_doctor)
    known = ["Total", "Loss", "Why", "total-work", "other-work", ".ipynb", "nb", "arithmetic", "it is no notebook"]
    assert len(remarks) > 12 and {text: pseudo.left(text, known) for text in remarks if pseudo.left(text, known)} == {}


def test_what_is_told_of_limits() -> None:
    remarks = _remarked(told, tests=test_told)
    known = [*UNITS, "`x = 1`", "/tmp", "/dev/shm", "x = 1"]
    assert len(remarks) > 7 and {text: pseudo.left(text, known) for text in remarks if pseudo.left(text, known)} == {}


def test_why_a_notebook_cannot_be_read() -> None:
    seen: list[Exception] = []
    with patch.object(ipynb, "NotebookError", _spied(NotebookError, seen)):
        assert replay(test_ipynb) > 10
    said = {str(error) for error in seen} | {remark_of("it is a link"), remark_of("it is no regular file")}
    said |= {remark_of(submission.TOO_LARGE), remark_of("")}
    known = ["MB", "nb", ".ipynb", "(True)", "(four)"]
    assert len(said) > 6 and {text: pseudo.left(text, known) for text in said if pseudo.left(text, known)} == {}


def remark_of(why: str) -> str:
    return pipeline._absent("nb", why).student


def test_what_is_told_of_a_corrected_release(tmp_path: Path) -> None:
    seen: list[Remark] = []
    course = test_pipeline.released(tmp_path)
    fakes.submit(tmp_path, "ada", test_pipeline.fetch(course))
    first = course.records / "releases" / "sums" / ".newest"
    version = first.read_text()
    with patch.object(corrections, "Remark", _spied(Remark, seen)):
        for made in (
            test_corrections.with_nine(course),
            test_corrections.rewrite(course, *test_corrections.NINE_CELLS, sums__seven=test_corrections.OTHER_SEVEN),
        ):
            held = Releases(course.records, "sums").held("ada", {"n": f'"{version}"'.encode()})
            for judged in (held.judged, held.newest):
                moved = replace(held, judged=judged, words="Ω")
                corrections.told(moved, "ada", [*made.assignment("sums").exercises])
                corrections.told(moved, "ada", [])
    known = ["“", "Seven", "Nine", "Double"]
    said = {remark.student for remark in seen}
    assert len(said) > 3 and {text: pseudo.left(text, known) for text in said if pseudo.left(text, known)} == {}


# -- verdicts ----------------------------------------------------------------------------------------------------------


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """What an author has written, and what was handed in."""
    if type(value) is str:
        yield value
    elif type(value) in (float, bool):
        yield str(value)
    elif depth > 8 or type(value) in _NOT_LOOKED_AT:
        return
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name), depth + 1)
    elif isinstance(value, Mapping):
        for key, item in [*value.items()][:20]:
            yield from (*_texts(key, depth + 1), *_texts(item, depth + 1))
    elif isinstance(value, list | tuple | frozenset):
        for item in [*value][:20]:
            yield from _texts(item, depth + 1)


_NOT_LOOKED_AT = (hostile.Raises, hostile.EqualsAll)


@pytest.mark.parametrize("name", EXERCISES)
def test_what_a_checker_says(name: str) -> None:
    exercise: Exercise = EXERCISES[name]
    variant = next(variants(exercise, 1))
    right = exercise.checker.answer(variant)
    author = [text for part in _texts(exercise) for text in (part, *part.split("\n\n"))]
    author += [text for slip in exercise.slips for text in (slip.message, slip.next, slip.id)]
    author = [text for text in author if text not in _OURS]
    for case, evidence in _evidence(exercise, variant, right):
        verdict = judge(exercise, variant, evidence)
        if verdict.failed:  # in our words, and what failed is told to staff
            continue
        handed = [text[:200] for text in _texts((evidence.value, evidence.detail))] if evidence.status else []
        handed += [part for text in handed for part in (text.strip(), text[:37], text[:37].strip(), *text.split())]
        said = f"{verdict.message} {verdict.read} {verdict.next}"
        handed += re.findall(r"'([\w\[\]]+)'", said)  # the names of types
        known = [*author, *handed, *_CODE, *UNITS]
        assert pseudo.left(said, known) == [], (case, verdict)


_OURS = {  # a checker's own, in fields in which an author's words stand, too
    *(slip.message for e in EXERCISES.values() for slip in e.checker.misconceptions if e.checker.kind == "model"),
    *(slip.next for e in EXERCISES.values() for slip in e.checker.misconceptions if e.checker.kind == "model"),
    "computes what it should, on inputs of ours",
}
_CODE = ("None", "NoneType", "ValueError", "TypeError", "ZeroDivisionError", "IndexError", "Exception", "KeyError",
         "AssertionError", "OverflowError")  # fmt: skip


def _evidence(exercise: Exercise, variant: Any, right: Evidence) -> Iterator[tuple[str, Evidence]]:
    yield "right", right
    for slip in exercise.slips:
        yield slip.id, exercise.checker.answer(replace(variant, key=exercise.wrong_key(slip, variant.params)))
    yield from hostile.evidence(right)
    yield "another question", replace(right, probe="0")
    yield "another's numbers", replace(right, variant="0" * 16)
    if exercise.checker.kind in ("choice", "choices", "order", "match", "number", "value"):
        tried: Any = ("zzz", ["zzz"], {"zzz": "zzz"}, 1, 0.5, "5 s", "12 MB", "1,5", "1000", [1], [1, 2, 3], "7 zz")
        yield from ((repr(value), replace(right, value=value)) for value in tried)
    if exercise.checker.kind == "model":
        for detail in ("parameters: 1 > 2", "parameters: many", "input: (1)", "layers: Ω", "output: Ω", "file: Ω"):
            yield detail, replace(right, status="refused", detail=detail)
        yield "large", replace(right, facts={**right.facts, "parameters": 10**9})


def test_a_failure_of_ours_and_a_lost_run(spoken: str) -> None:
    assert pseudo.left(pipeline._lost("worker died").message) == []


# -- pages -------------------------------------------------------------------------------------------------------------


NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)
_SAID: Mapping[str, Verdict] = {
    "1": Verdict(1.0, "Ω", read="1"),
    "2": Verdict(0.5, "Ω\n\nΩ", misconception="a", next="Ω"),
    "3": Verdict(0.0, "Ω"),
    "4": Verdict(None, "Ω"),
    "5": Verdict(None, "Ω", needs_run=True),
    "6": Verdict(0.5, "Ω", facts=facts()),
    "7": Verdict(0.5, "Ω", facts=facts(measure="mean intersection over union")),
    "8": Verdict(0.5, "Ω", facts=facts(history={"loss": [float("nan"), 1, 2]}, ramp=True)),
    "9": Verdict(0.5, "Ω", facts=facts(history={"loss": "x"})),
    "10": Verdict(0.5, "Ω", facts=facts(history={"loss": list(range(100))})),
}
REPORT = Report(
    "Ω", "Ада", _SAID, dict.fromkeys(_SAID, 1.0), {name: f"Ω{name}" for name in _SAID},
    tuple(Remark("Ω", "") for _ in range(60)), Receipt("0" * 64, "2026-12-01T18:00:00+00:00", ("1", "2")), "Ω", 100.0,
    5.0, release="0",
)  # fmt: skip


@pytest.fixture
def text_in_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As letters, which can be read, in place of their shapes."""
    monkeypatch.setitem(charts._RC, "svg.fonttype", "none")


@pytest.mark.usefixtures("text_in_charts")
@pytest.mark.parametrize("more", [{}, {"in_full": NOW}, {"posted": NOW, "late_penalty": 1.0}], ids=str)
def test_a_feedback_page(more: dict[str, Any], spoken: str) -> None:
    cells = [code("x", *[stream("Ω\n", ("stdout", "stderr")[n % 2]) for n in range(90)])] + [markdown("Ω")] * 700
    odd = code(
        "x", shown(text_html="x"), {"output_type": "display_data"}, stream("Ω\n" * 100), stream("x" * 10, "stderr")
    )
    trace = {"output_type": "error", "ename": "x", "evalue": "", "traceback": ["Ω\n" * 100]}
    pictures = markdown("![](x.png) ![Ω](y.png)\n\n| Ω |\n|---|\n| Ω |\n")
    picture = lesson()["cells"][4]
    book = notebook(pictures, picture, odd, code("x", trace), code("x" * 60_000, stream("Ω\n" * 50, "stderr")), *cells)
    with speaking("en"):  # the page is told its language
        html = render(
            REPORT, {"Ω": book, "β": book}, {"1": "Ω"}, {"2": 1.0}, "Ω", assignment_title="Ω", language=spoken, **more
        )
        lost = render(replace(REPORT, lost="Ω"), {}, language=spoken)
    assert f'<html lang="{spoken}">' in html
    assert "svg" in html or "in_full" in more
    assert left_on(html, ("min",)) == {}
    assert left_on(lost) == {}


def test_a_notice(spoken: str) -> None:
    about = notices.About("Ада", "Ω", "Ω", spoken)
    with speaking("en"):
        pages = [notices.postponed(about, 20, NOW), notices.closed(about, NOW, NOW)]
        pages += [notices.waiting(about, until, used) for until in (NOW, None) for used in (None, 1, 3)]
    assert [left_on(page) for page in pages] == [{}] * len(pages)


def test_when_work_is_due() -> None:
    for feedback in schedule.FEEDBACK:
        for month in range(12):
            due = NOW + timedelta(days=30 * month + month)
            for late in ((True, 0.0, 100.0), (False, 0.0, 100.0), (True, 10.0, 50.0), (True, 10.0, 100.0)):
                made = Schedule(due, due + timedelta(days=1), *late, feedback=feedback, attempts=3, final=True)
                assert pseudo.left(schedule.told(made), UNITS) == []
