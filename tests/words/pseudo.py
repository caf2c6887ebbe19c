"""A language for tests, made from the catalogue's template: every letter of ours has an accent. What is left in plain
letters was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from babel.messages.catalog import Catalog

from handin import words
from translate import catalogue

NAME = "eo"  # a language that nobody has made; its rule for plurals is that of English
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTED = "áƀčďéƒĝĥíĵķĺḿńóƥɋŕšťúṽŵẋýžÁƁČĎÉƑĜĤÍĴĶĹḾŃÓƤɊŔŠŤÚṼŴẊÝŽ"
_TABLE = str.maketrans(_PLAIN, _ACCENTED)
_KEPT = re.compile(r"(\{[^{}]*\}|%\(\w+\)s|<[^>]+>|&\w+;)")
_WORD = re.compile(r"[A-Za-z]{2,}")


def pseudo(text: str) -> str:
    """Each line begins as it did, for Markdown."""
    return "".join(part if _KEPT.fullmatch(part) else part.translate(_TABLE) for part in _KEPT.split(text))


def made() -> Catalog:
    found = catalogue.begin(NAME, catalogue.read(catalogue.TEMPLATE))
    for message in found:
        if message.id:
            ids = catalogue.texts(message)
            message.string = pseudo(ids[0]) if len(ids) == 1 else tuple(pseudo(text) for text in ids)
    return found


@contextmanager
def installed(folder: Path) -> Iterator[str]:
    """Have there be words in the language, and return its name."""
    place = folder / NAME / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{words.DOMAIN}.mo").write_bytes(catalogue.compiled(made()))
    with patch.object(words, "FOLDER", folder):
        yield NAME


def left(text: str, known: Iterable[str] = ()) -> list[str]:
    """Return the words in plain letters, but for the texts that are known: an author's, a student's, a library's."""
    texts = sorted({other for other in known if _WORD.search(other)}, key=len, reverse=True)
    if texts:
        text = re.sub(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, texts))})(?![A-Za-z])", " ", text)
    return _WORD.findall(text)
