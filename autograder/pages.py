"""What can be wrong with the pages that students read: pictures, links, tables and headings, in Markdown and in HTML.

Much of it is seen only by those who see least: whoever has the page read aloud, or works without a network.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import mistune

from autograder.cells import released, source
from autograder.course import Assignment, Course
from autograder.errors import Fault
from autograder.exercise import Exercise
from autograder.release import QUESTIONS

_PARSE = mistune.create_markdown(renderer=None, plugins=["table", "math"])
_MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_NO_WORDS = re.compile(r"(?:image|picture|figure|alt text|[^\s/]+\.(?:png|jpe?g|gif|svg|webp|bmp))?", re.IGNORECASE)
"""What editors put in place of words: JupyterLab calls a picture that was pasted image.png."""


@dataclass
class Page:
    """What a reader meets in one piece of Markdown, in its order."""

    headings: list[tuple[int, str]] = field(default_factory=list)  # level and text
    pictures: list[tuple[str, str]] = field(default_factory=list)  # alt text and address
    links: list[tuple[str, str]] = field(default_factory=list)  # text and address
    anchors: set[str] = field(default_factory=set)  # places that a link #name can lead to
    bare_tables: int = 0  # without a header cell that says anything
    codes: list[str] = field(default_factory=list)


def read(markdown: str) -> Page:
    page = Page()
    tokens: Any = _PARSE(markdown)
    html = _Html(page)
    _walk(tokens, page, html)
    html.close()
    # As JupyterLab names them: spaces become hyphens, and nothing else changes.
    page.anchors |= {text.replace(" ", "-") for _, text in page.headings}
    return page


def _walk(tokens: list[dict[str, Any]], page: Page, html: _Html) -> None:
    for token in tokens:
        children = token.get("children", [])
        match token["type"]:
            case "heading":
                page.headings.append((token["attrs"]["level"], _text(children)))
            case "image":
                page.pictures.append((_text(children), token["attrs"]["url"]))
            case "link":
                page.links.append((_text(children), token["attrs"]["url"]))
            case "block_code" | "codespan":
                page.codes.append(token["raw"])
            case "block_html" | "inline_html":
                html.feed(token["raw"])
            case "table_head":
                page.bare_tables += not any(_text(cell["children"]) for cell in children)
        _walk(children, page, html)


def _text(tokens: list[dict[str, Any]]) -> str:
    parts = []
    for token in tokens:
        match token["type"]:
            case "inline_html":
                continue
            case "inline_math":
                parts.append(f"${token['raw']}$")
            case "softbreak" | "linebreak":
                parts.append(" ")
            case _:
                parts.append(token.get("raw") or _text(token.get("children", [])))
    return "".join(parts).strip()


class _Html(HTMLParser):
    """Adds what raw HTML shows; one parser for a cell, because a blank line cuts a table into several tokens."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._heading: tuple[int, list[str]] | None = None
        self._tables: list[bool] = []  # those that are open: has a header cell been seen?

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self._page.anchors |= {named[name] for name in ("id", "name") if named.get(name)}
        if re.fullmatch("h[1-6]", tag):
            self._heading = (int(tag[1]), [])
        elif tag == "img":
            self._page.pictures.append((named.get("alt", ""), named.get("src", "")))
        elif tag == "a" and "href" in named:
            self._page.links.append(("a link", named["href"]))  # HTML links may hold anything, a picture too
        elif tag == "table":
            self._tables.append(False)
        elif tag == "th" and self._tables:
            self._tables[-1] = True

    def handle_data(self, data: str) -> None:
        if self._heading is not None:
            self._heading[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._heading is not None and tag == f"h{self._heading[0]}":
            self._page.headings.append((self._heading[0], "".join(self._heading[1]).strip()))
            self._heading = None
        elif tag == "table" and self._tables:
            self._page.bare_tables += not self._tables.pop()


# ----------------------------------------------------------------------------------------------------------- faults


def page_faults(course: Course, assignment: Assignment, name: str, notebook: Mapping[str, Any]) -> Iterator[Fault]:
    """Look at a notebook as it is released: what stands in solutions is read by staff alone."""
    file = f"source/{assignment.id}/{name}.ipynb"
    folder = course.root / "source" / assignment.id
    pages: dict[int, Page] = {}
    for number, cell in enumerate(notebook["cells"], start=1):
        place = f"cell {number}"
        if cell["cell_type"] == "code":
            for problem, remedy in _packs([source(cell)], assignment):
                yield Fault(file, "", f"{place} {problem}", remedy)
        elif cell["cell_type"] == "markdown":
            pages[number] = page = read(released(cell))
            attached: Collection[str] = cell.get("attachments", {})
            for problem, remedy in (*_media(page, folder, attached), *_packs(page.codes, assignment)):
                yield Fault(file, "", f"{place} {problem}", remedy)
    anchors = set().union(*(page.anchors for page in pages.values()))
    for number, page in pages.items():
        for problem, remedy in _anchors(page, anchors):
            yield Fault(file, "", f"cell {number} {problem}", remedy)
    headings = [(number, *heading) for number, page in pages.items() for heading in page.headings]
    for problem, remedy in _outline(headings):
        yield Fault(file, "", problem, remedy)


def prompt_faults(
    course: Course, assignment: Assignment, exercise: Exercise, file: str, prompt: str
) -> Iterator[Fault]:
    """Look at a question as one student sees it, in the output of a cell."""
    page = read(prompt)
    found = [*_media(page, course.root / "source" / assignment.id, ()), *_packs(page.codes, assignment)]
    found += _anchors(page, page.anchors)
    if page.headings:
        found.append(
            ("holds a heading, which the outline of a notebook has no place for.", "Write **bold** text instead.")
        )
    for problem, remedy in found:
        yield Fault(file, exercise.id, f"the prompt {problem}", remedy)


def _media(page: Page, folder: Path, attached: Collection[str]) -> Iterator[tuple[str, str]]:
    shown = set()
    for alt, address in page.pictures:
        name = _short(address)
        if _NO_WORDS.fullmatch(alt.strip()):
            yield (
                f"shows {name} without alt text.",
                f"Say in words what is to be seen on it: ![A window of width 3 on seven pixels]({name}).",
            )
        kind, target = _kind(address)
        shown.add(target)
        if kind == "web":
            yield f"shows a picture from the web, {name}: without a network it is gone.", "Attach it to the cell."
        else:
            yield from _dead(kind, target, name, folder, attached)
    for text, address in page.links:
        kind, target = _kind(address)
        shown.add(target)
        yield from _dead(kind, target, _short(address), folder, attached)
        if not text:
            yield f"has a link without text, to {_short(address)}.", "Say where it leads: [the Keras guide](...)."
    for name in attached:
        if name not in shown:
            yield (
                f"carries an attachment that it does not show: {name}.",
                f"Show it, ![...](attachment:{name}), or delete it.",
            )
    for _ in range(page.bare_tables):
        yield "has a table without header cells.", "Name its columns: the first row in Markdown, <th> in HTML."


def _kind(address: str) -> tuple[str, str]:
    """Return what sort of address it is, and what it names."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return "unknown", address
    if parts.scheme == "attachment":
        return "attachment", unquote(parts.path)
    if parts.scheme in ("http", "https") or (not parts.scheme and parts.netloc):
        return "web", address
    if parts.scheme in ("mailto", "data"):
        return "itself", address
    if parts.scheme:
        return "unknown", address
    return ("file", unquote(parts.path)) if parts.path else ("anchor", unquote(parts.fragment))


def _dead(kind: str, target: str, name: str, folder: Path, attached: Collection[str]) -> Iterator[tuple[str, str]]:
    if kind == "attachment" and target not in attached:
        yield (
            f"shows the attachment {target}, which it does not carry.",
            "Drag the picture into this cell again: an attachment belongs to one cell.",
        )
    elif kind == "unknown":
        yield (
            f"leads to {name}, which is a place on one computer only.",
            "Lead to a file beside the notebook, or to the web.",
        )
    elif kind == "file" and target != QUESTIONS:  # which `build` writes, and a fresh clone lacks
        path = (folder / target).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.exists():
            yield (
                f"leads to {name}, which does not lie beside the notebook.",
                f"Put it into source/{folder.name}/, or correct the link.",
            )


def _anchors(page: Page, anchors: Collection[str]) -> Iterator[tuple[str, str]]:
    for _, address in page.links:
        kind, target = _kind(address)
        if kind == "anchor" and target not in anchors:
            yield (
                f"leads to {address or 'nowhere'}: there is no such heading.",
                "Write the heading's words with hyphens for spaces, such as #Your-own-network.",
            )


def _outline(headings: list[tuple[int, int, str]]) -> Iterator[tuple[str, str]]:
    """Who has a page read aloud goes through it by its headings: one title, and no level left out."""
    if not headings or headings[0][1] != 1:
        yield "the first heading is not the title.", "Begin with one heading of level 1: # The title."
    before = 0
    for place, (number, level, text) in enumerate(headings):
        if not text:
            yield f"cell {number} has an empty heading.", "Write its words, or delete it."
        if level == 1 and place:
            yield f"cell {number} has a second title: {_short(text)}.", "Use ## for the parts of a notebook."
        if before and level > before + 1:
            yield (
                f"cell {number} goes from a heading of level {before} to one of level {level}: {_short(text)}.",
                f"Give it {'#' * (before + 1)}: a reader by ear looks for what was left out.",
            )
        before = level


def _packs(codes: list[str], assignment: Assignment) -> Iterator[tuple[str, str]]:
    asked = dict.fromkeys(name for code in codes for name in _loaded(code))
    for name in asked:
        if name not in assignment.packs:
            listed = ", ".join(f'"{pack}"' for pack in (*assignment.packs, name))
            yield (
                f"loads {name!r}, a data pack that this assignment does not have.",
                f"Add it in course.toml, [assignments.{assignment.id}] packs = [{listed}], or correct the name.",
            )


def _loaded(code: str) -> Iterator[str]:
    """Yield the data packs that Python code asks for: data("name"), keras.datasets.name.load_data(), a backbone."""
    try:
        tree = ast.parse(_MAGIC.sub("", code))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name("data") | ast.Attribute(ast.Name("handin"), "data"), args=[ast.Constant(str(name)), *_]
            ):
                yield name
            case ast.Attribute(ast.Attribute(ast.Name("datasets") | ast.Attribute(_, "datasets"), name), "load_data"):
                yield name
            case ast.Call(ast.Name("MobileNetV2") | ast.Attribute(_, "MobileNetV2"), _, keywords):
                if not any(k.arg == "weights" and ast.unparse(k.value) == "None" for k in keywords):
                    yield "backbone"  # otherwise Keras would fetch the weights
            case ast.ImportFrom(str(module), names) if module.endswith("keras.datasets"):
                yield from (alias.name for alias in names)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
