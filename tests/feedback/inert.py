"""What no page of ours may hold, found by parsing it the way a browser does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

_NAMES = """
    html head meta title style body a header main section article nav div p span strong em code pre h1 h2 h3 h4 h5 h6
    table caption thead tbody tr th td ul ol li dl dt dd details summary figure figcaption bdi blockquote hr br abbr
    base img svg g path defs use clippath rect desc
"""
ALLOWED = frozenset(_NAMES.split())
VOID = {"meta", "base", "img", "br", "hr"}


class Inspector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.pictures: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.charts = 0
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"element {tag}")
        if tag not in VOID:
            self.open.append(tag)
        named = dict(attrs)
        if tag == "meta" and named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named.get("content") or ""
        if tag == "base" and ("base-uri 'none'" not in self.policy or attrs != [("target", "_self")]):
            self.faults.append("a base that counts")
        if tag == "svg":
            self.charts += 1
            if named.get("class") != "chart":
                self.faults.append("an svg that is not ours")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unbalanced </{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.faults.append(f"handler {name}")
        if name in ("srcdoc", "action", "formaction", "background", "poster", "xlink:href"):
            self.faults.append(f"attribute {name}")
        if name == "src":
            self.pictures.append(value)
            if not value.startswith("data:image/png;base64,"):
                self.faults.append(f"src {value[:60]}")
        if name == "href":
            self.targets.append(value)
            if not re.match(r"#|https?://|mailto:", value, re.I) or (tag == "use" and not value.startswith("#")):
                self.faults.append(f"href {value[:60]}")
        if name == "style" and "url(" in value:
            self.faults.append("url in a style")
        if name == "id":
            self.ids.append(value)


def inspect(html: str, whole: bool = True) -> Inspector:
    seen = Inspector()
    seen.feed(html)
    seen.close()
    if seen.open:
        seen.faults.append(f"left open: {seen.open}")
    if whole and not seen.policy.startswith("default-src 'none';"):
        seen.faults.append("no policy")
    return seen


def in_order(headings: list[int]) -> bool:
    """One h1, at the start, and never a level left out on the way down."""
    return headings[:1] == [1] and headings.count(1) == 1 and all(b <= a + 1 for a, b in pairwise(headings))
