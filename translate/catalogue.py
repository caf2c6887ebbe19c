"""What there is to be translated, found in the code, and the files of a language made and checked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from autograder import forms
from handin.words import DOMAIN

ROOT = Path(__file__).parent.parent
PLACES = (("student/handin", "**.py", "python"), ("autograder", "**.py", "python"),
          ("autograder/feedback", "**.j2", "jinja2"))  # fmt: skip
FORM = "student/handin/form/static/texts.js"
LOCALE = ROOT / "student" / "handin" / "locale"
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"**.j2": {"newstyle_gettext": "true"}}  # as the pages are rendered: % is doubled
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)  # a true date would make other bytes of the same texts
_LEFT_OUT = b"POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To"
_HEADER = """\
# What students read: the notebook, the grader, the feedback. docs/translating.md says how a language is made.
#"""


def template() -> Catalog:
    """Return every text of ours that students read."""
    found = _empty()
    for folder, pattern, method in PLACES:
        for file, _line, text, comments, _context in extract_from_dir(
            ROOT / folder, [(pattern, method)], _OPTIONS, _KEYWORDS, ["Words:"], strip_comment_tags=True
        ):
            _add(found, text, f"{folder}/{file}", comments)
    for text in forms.english().values():
        _add(found, text, FORM, [])
    return found


def _empty(language: str | None = None) -> Catalog:
    return Catalog(language, DOMAIN, _HEADER, DOMAIN, "1", charset="utf-8", fuzzy=False)


def _add(catalogue: Catalog, text: str | tuple[str, ...], file: str, comments: list[str]) -> None:
    message = catalogue.add(text, locations=[(file, 0)], auto_comments=comments)
    if "%(" not in str(text):  # "95 % of" is no format
        message.flags.discard("python-format")


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, None if path == TEMPLATE else path.parts[-3], DOMAIN)


def written(catalogue: Catalog) -> bytes:
    """Return the file of a catalogue: the same texts give the same bytes."""
    file = io.BytesIO()
    write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return re.sub(rb'"(?:%s):.*\n' % _LEFT_OUT, b"", file.getvalue())


def compiled(catalogue: Catalog) -> bytes:
    """Return what programs read."""
    catalogue.creation_date = catalogue.revision_date = _NEVER
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def update(catalogue: Catalog, by: Catalog) -> Catalog:
    """Return the language's catalogue with the texts that there are today."""
    catalogue.update(by, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def begin(language: str, by: Catalog) -> Catalog:
    """Return a catalogue in which nothing is translated yet; ValueError for a language that nobody knows."""
    begun = _empty(language)
    if begun.locale is None:
        raise ValueError(f"{language!r} is no language. Give its code, such as fr, or pt_BR.")
    return update(begun, by)


def missing(catalogue: Catalog) -> list[str]:
    return [texts(m)[0] for m in catalogue if m.id and (m.fuzzy or not all(_strings(m)))]


def wrong(catalogue: Catalog) -> Iterator[str]:
    """Say which translations would not take what is filled in, or lose it."""
    for message in catalogue:
        if message.id:
            wanted = [placeholders(text) for text in texts(message)]
            # Of several forms one may leave the number out: "once".
            least = wanted[0] - {("n", ""), ("n", ":,"), ("n", ":g")} if len(wanted) > 1 else wanted[0]
            for string in filter(None, _strings(message)):
                try:
                    sound = least <= placeholders(string) <= wanted[-1]
                except ValueError:
                    sound = False
                if not sound:
                    yield f"{texts(message)[-1]!r} has {sorted(wanted[-1])}, its translation {string!r} has others."


def placeholders(text: str) -> set[tuple[str, str]]:
    """Return what is filled in, with its format; ValueError for braces that do not close."""
    braces = {
        (name, f":{form}" if form else "") for _text, name, form, _how in Formatter().parse(text) if name is not None
    }
    return braces | {(name, "%") for name in re.findall(r"%\((\w+)\)s", text)}


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
