"""What a reader of one of our pages sees or hears, but for what is code."""

from __future__ import annotations

from html.parser import HTMLParser

from handin import units
from tests.words import pseudo

UNITS = {*units._KNOWN, "KB", "Mb", "Kib", "UTC", "min"}


def left_on(html: str, known: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return each text of a page in which there are words in plain letters, and these."""
    page = _Page()
    page.feed(html)
    return {text: words for text in page.texts if (words := pseudo.left(text, [*UNITS, *known]))}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name in ("aria-label", "alt", "title", "placeholder")]
        if tag not in ("meta", "br", "img", "hr", "link", "input", "base"):
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._in:
            while self._in.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"style", "code", "pre"} & set(self._in):
            self.texts.append(data)
