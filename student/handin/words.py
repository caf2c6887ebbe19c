"""The words that students read, in the language of their course.

English stands in the code, other languages in locale/: one gettext catalogue each, for the notebook and for the grader.
`_` is called when words are used, never when a module is imported: one process may grade courses of two languages. What
is written down before it is used, in a table say, is marked with N_, and translated where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
DOMAIN = "handin"
FOLDER = Path(__file__).parent / "locale"

# A variable of the context, for checkers, whose signatures authors rely on, say words too. A new thread starts with
# English: whoever hands work to another thread says the language there (Job.language).
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    return _spoken.get()


def languages() -> tuple[str, ...]:
    """Return those that there are words in."""
    return (ENGLISH, *sorted(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Have `_` speak this language within the block; English where there are no words in it. No `yield` of a generator
    may stand in the block: the language would be that of whoever asks the generator for more."""
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def _(text: str) -> str:
    """Return a text of ours in the language that is spoken."""
    name = _spoken.get()
    # "" would give the catalogue's head.
    return text if name == ENGLISH or not text else _Said(_catalogue(FOLDER, name).gettext(text))


def ngettext(one: str, many: str, n: float) -> str:
    """Return the form that this number takes, {n} not filled in."""
    count = int(n) if n == int(n) else 2  # catalogues know whole numbers; half a point is said as two points are
    name = _spoken.get()
    if name == ENGLISH:
        return one if count == 1 else many
    return _Said(_catalogue(FOLDER, name).ngettext(one, many, count))


def grouped(text: str) -> str:
    """Return a text in which numbers are written 12,000.5 for readers of the language that is spoken: in many a comma
    begins the decimals, and a narrow space is read everywhere, by us too."""
    return text if _spoken.get() == ENGLISH else _GROUP.sub("\u202f", text)


_GROUP = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")


class _Said(str):
    """Groups the digits of numbers that are filled in by {n:,}."""

    __slots__ = ()

    def format(self, *args: object, **fields: object) -> str:
        return str(_formatter().vformat(self, args, fields))


@lru_cache(maxsize=1)
def _formatter() -> Any:
    from string import Formatter

    class Grouping(Formatter):
        def format_field(self, value: Any, format_spec: str) -> Any:
            made = super().format_field(value, format_spec)
            return grouped(made) if "," in format_spec else made

    return Grouping()


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark a text for the catalogue, and return it as it is."""
    return text


@lru_cache(maxsize=16)
def _catalogue(folder: Path, name: str) -> Any:
    from gettext import NullTranslations, translation  # not before another language is spoken

    # By the list, not by the name: it comes from a file, and would be put into a path.
    return translation(DOMAIN, folder, [name]) if name in languages() else NullTranslations()
