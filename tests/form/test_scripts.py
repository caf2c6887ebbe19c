"""The form's scripts beside Python: the order of options, and cells read and written. In Chromium, without a server."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from handin.questions import Question
from tests.browser import NEEDED
from tests.form.conftest import FORM

pytestmark = NEEDED
LETTERS = 'ab-_01 "\\/\n\t\x00\x1f\x7f\x80éß水😀\u2028\ud800'


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    page = context.new_page()
    page.route("http://form.invalid/**", lambda route: route.fulfill(status=200, body="<p>"))
    page.route("**/static/*", lambda route: route.fulfill(path=str(FORM / "static" / route.request.url.split("/")[-1])))
    page.goto("http://form.invalid/")
    page.evaluate(
        "async () => Object.assign(window, await import('/static/order.js'), await import('/static/python.js'))"
    )
    yield page
    context.close()


def word(rng: Random) -> str:
    return "".join(rng.choices(LETTERS, k=rng.choice([1, 3, 10, 40, 70])))


def test_options_stand_in_the_order_of_ask(page: Any) -> None:
    rng = Random(6)
    cases = []
    for _ in range(300):
        options = [{"id": key, "text": ""} for key in {word(rng) for _ in range(rng.randint(1, 8))}]
        cases.append((options, f"{word(rng)}/{word(rng)}/{word(rng)}"))
    # As character codes: half a surrogate pair does not get through to the page by itself.
    codes = [[[[ord(c) for c in one["id"]] for one in options], [ord(c) for c in order]] for options, order in cases]
    found = page.evaluate(
        """cases => cases.map(([options, order]) => {
          const text = codes => String.fromCodePoint(...codes);
          const entries = options.map(text).map((id, place) => ({ id, place }));
          return shuffled(entries, text(order)).map(({ place }) => place);
        })""",
        codes,
    )
    for (options, order), places in zip(cases, found, strict=True):
        question = Question("", "", 1, "choice", {"options": options}, "", {}, "", "", False, order)
        assert [options[place]["id"] for place in places] == list(question.options)


def test_without_a_user_options_stand_as_listed(page: Any) -> None:
    listed = [{"id": key, "text": ""} for key in "hgfedcba"]
    assert page.evaluate("listed => shuffled(listed, '')", listed) == listed


def value(rng: Random, depth: int = 0) -> Any:
    match rng.randint(0, 3 if depth else 5):
        case 0:
            return word(rng).replace("\ud800", "")
        case 1:
            return rng.randint(-99, 10**6)
        case 2:
            return round(rng.uniform(-5, 5), 3)
        case 3:
            return ...
        case 4:
            return rng.choice([list, tuple])(value(rng, 1) for _ in range(rng.randint(0, 4)))
    return {word(rng).replace("\ud800", ""): value(rng, 1) for _ in range(rng.randint(0, 4))}


SEEN = """([source, name]) => {
  const found = read(source, name);
  const plain = value => value instanceof Map ? { dict: [...value].map(([key, item]) => [key, plain(item)]) }
    : Array.isArray(value) ? value.map(plain) : value === null ? null : value.number ?? { text: value };
  return found && [plain(found.value), source.slice(found.start, found.end)];
}"""


def seen(given: Any) -> Any:
    """The same from Python's side."""
    match given:
        case str():
            return {"text": given}
        case dict():
            return {"dict": [[key, seen(item)] for key, item in given.items()]}
        case list() | tuple():
            return [seen(item) for item in given]
        case None:
            return None
    return None if given is ... else repr(given)


def test_what_python_writes_is_read_as_python_reads_it(page: Any) -> None:
    rng = Random(7)
    for _ in range(200):
        given = value(rng)
        text = repr(given).replace("Ellipsis", "...")
        if "\\x" in text or "\\u" in text:  # such letters are not typed; the form says that it can't show them
            continue
        source = f"# first\nanswer = {text}  # [last\n# 'end'"
        assert page.evaluate(SEEN, [source, "answer"]) == [seen(given), text], source


@pytest.mark.parametrize(
    "source",
    [
        "answer = 3 * 4", "answer = f'a'", "answer = 'a' 'b'", "answer = other = 3", "answer == 3", "answer = ",
        "answer = 0x10", "answer = '';b = 3", "other = 3", "answers = 3", "answer = [1 2]", "answer = True",
        "import os\nanswer = 3", "answer = 3\nprint(answer)", "answer = ['a'", "answer: str = 'a'", "answer += 3",
        "answer = ask('one')", "%time answer = 3", "answer = [x for x in y]",
        "answer = {'a'}", "answer = 3 if a else b",
        "answer = '''a", "answer = -x", "answer = 3j", "answer = [*a]", "answer = lambda: 3",
    ],
)  # fmt: skip
def test_what_is_no_plain_assignment_is_never_written(page: Any, source: str) -> None:
    assert page.evaluate(SEEN, [source, "answer"]) is None
    assert page.evaluate("source => written(source, 'answer', 'new')", source) == source


def test_whatever_is_pasted_can_be_read_again(page: Any) -> None:
    codes = [*map(ord, "a\b\f\n\r\t\v\a\\\"'/ü水"), 0, 0x1F, 0x7F, 0x2028, 0xD800]
    back = page.evaluate(
        """codes => {
          const source = written('answer = ""', "answer", String.fromCharCode(...codes));
          return [source, [...Array(codes.length).keys()].map(i => read(source, "answer").value.charCodeAt(i))];
        }""",
        codes,
    )
    assert back[1] == codes
    assert [ord(letter) for letter in ast.literal_eval(back[0].partition(" = ")[2])] == codes


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('answer = ""  # the id\n# END', "'b'", 'answer = "b"  # the id\n# END'),
        ("answer=...", "'b'", 'answer="b"'),
        ("answer = [\n  'a',  # one\n  'b'  # two\n]  # all", "['c']", 'answer = ["c"]  # one  # two  # all'),
        ("", "'b'", 'answer = "b"'),
        ("# END\n", "'b'", '# END\nanswer = "b"'),
        ("answer = 28, 28 # x", "[{number: '3'}, null]", "answer = (3, ...) # x"),
        ("answer = {\n  'a': '',  # why\n  'b': 'x',\n}", "new Map([['a', 'y'], ['b', 'x']])",
         "answer = {\n  'a': \"y\",  # why\n  'b': 'x',\n}"),
        ("answer = {}", "new Map([['a', 'y']])", 'answer = {\n    "a": "y",\n}'),
    ],
)  # fmt: skip
def test_the_name_and_all_comments_stay(page: Any, before: str, value: str, after: str) -> None:
    tuple_ = "number" in value
    assert page.evaluate(f"([before, tuple]) => written(before, 'answer', {value}, tuple)", [before, tuple_]) == after
    ast.parse(after)
