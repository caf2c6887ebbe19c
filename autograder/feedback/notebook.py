"""An executed notebook as a list of inert pieces: bounded text, highlighted code, and PNG that really is PNG."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from autograder.feedback import markdown
from autograder.feedback.text import bounded, slug
from autograder.retold import retold
from handin.words import ENGLISH, N_, _, language, ngettext

CELLS = 600
SOURCE = 40_000  # characters of one cell
TEXT = 16_000  # characters of one output
OUTPUTS = 40  # of one cell
PICTURE = 1_500_000  # bytes of one PNG
SIDE = 8_000  # pixels; a small file can hold a picture that fills the reader's memory
LONG = 40  # lines; longer output is folded

_PNG = b"\x89PNG\r\n\x1a\n"
_NOTHING = Markup()
_LEXER = PythonLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="c-")


@dataclass(frozen=True)
class Output:
    kind: str  # "text", "message" (stderr), "error", "picture", "markdown", "note"
    text: str = ""
    picture: str = ""  # a data: URL that we encoded ourselves
    html: Markup = _NOTHING

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1

    @property
    def folded(self) -> bool:
        return self.lines > LONG


@dataclass(frozen=True)
class Cell:
    kind: str  # "code", "markdown", "raw"
    html: Markup
    anchor: str = ""
    count: str = ""  # execution count
    outputs: tuple[Output, ...] = ()


@dataclass
class Budget:
    """What one page may hold of all its notebooks together."""

    characters: int = 2_000_000
    picture_bytes: int = 12_000_000
    anchors: set[str] = field(default_factory=set)

    def text(self, value: object, limit: int) -> str:
        shown = bounded(value, max(200, min(limit, self.characters)))
        self.characters -= len(shown)
        return shown


def cells(notebook: object, exercises: Collection[str], budget: Budget) -> Iterator[Cell]:
    """Yield what can be shown of a notebook of any shape. The check cell of an exercise gets the anchor "cell-<id>"."""
    raw = notebook.get("cells") if isinstance(notebook, Mapping) else None
    listed = [cell for cell in raw if isinstance(cell, Mapping)] if isinstance(raw, list) else []
    page = markdown.Notebook()
    for cell in listed[:CELLS]:
        source = budget.text(cell.get("source"), SOURCE)
        anchor = _anchor(cell, exercises, budget)
        if cell.get("cell_type") == "code":
            outputs = tuple(_outputs(cell.get("outputs"), budget, page))
            count = cell.get("execution_count")
            shown = str(count) if isinstance(count, int) and 0 <= count < 10**6 else ""
            yield Cell("code", Markup(highlight(source, _LEXER, _FORMATTER)), anchor, shown, outputs)
        elif cell.get("cell_type") == "markdown":
            yield Cell("markdown", page.html(source), anchor)
        else:
            yield Cell("raw", Markup("<pre>{}</pre>").format(source), anchor)
    if len(listed) > CELLS:
        more = len(listed) - CELLS
        told = ngettext("{n:,} more cell is not shown.", "{n:,} more cells are not shown.", more)
        yield Cell("raw", Markup("<p>{}</p>").format(told.format(n=more)))


def _anchor(cell: Mapping[str, Any], exercises: Collection[str], budget: Budget) -> str:
    metadata = cell.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = about.get("grade_id") if isinstance(about, Mapping) else None
    if not isinstance(name, str) or name not in exercises or name in budget.anchors:
        return ""
    budget.anchors.add(name)
    return f"cell-{slug(name)}"


def _outputs(raw: object, budget: Budget, page: markdown.Notebook) -> Iterator[Output]:
    listed = [output for output in raw if isinstance(output, Mapping)] if isinstance(raw, list) else []
    merged = list(_merged(listed))
    for output in merged[:OUTPUTS]:
        yield _output(output, budget, page)
    if len(merged) > OUTPUTS:
        more = len(merged) - OUTPUTS
        told = ngettext(
            "{n:,} more output of this cell is not shown.", "{n:,} more outputs of this cell are not shown.", more
        )
        yield Output("note", told.format(n=more))


def _merged(outputs: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """A training loop writes its log in hundreds of pieces: join neighbours of the same stream."""
    name: object = None
    pieces: list[str] = []
    for output in [*outputs, {}]:
        stream = output.get("name") if output.get("output_type") == "stream" else None
        if pieces and stream != name:
            yield {"output_type": "stream", "name": name, "text": pieces}
            pieces = []
        if stream is not None:
            name = stream
            text = output.get("text")
            pieces.extend(text if isinstance(text, list) else [text] if isinstance(text, str) else [])
        elif output:
            yield output


def _output(output: Mapping[str, Any], budget: Budget, page: markdown.Notebook) -> Output:
    kind = output.get("output_type")
    if kind == "stream":
        said = _ours(budget.text(output.get("text"), TEXT))
        return Output("message" if output.get("name") == "stderr" else "text", said)
    if kind == "error":
        trace = output.get("traceback")
        lines = [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
        name = f"{bounded(output.get('ename'), 200)}: {bounded(output.get('evalue'), 2000)}"
        return Output("error", _ours(budget.text("\n".join(lines) or name, TEXT)))
    data = output.get("data")
    if not isinstance(data, Mapping):
        return Output("note", _("(output not shown)"))
    picture = _picture(data.get("image/png"), budget)
    if picture:
        return Output("picture", picture=picture)
    if isinstance(data.get("text/markdown"), str | list):  # a question, as ask() showed it
        return Output("markdown", html=page.html(budget.text(data["text/markdown"], SOURCE)))
    if isinstance(data.get("text/plain"), str | list):
        return Output("text", budget.text(data["text/plain"], TEXT))
    return Output("note", _("(rich output not shown)"))


# What a run writes into outputs, which it would have to do again for another language.
_WRITTEN = (
    N_("[output cut here: {n} kB of one cell are shown]"), N_("[output cut here]"),
    N_("(Not shown: this output quotes a test of the grader.)"), N_("{error} in the tests of this cell"),
)  # fmt: skip


def _ours(text: str) -> str:
    return text if language() == ENGLISH else "\n".join(retold(line, _WRITTEN) for line in text.split("\n"))


def _picture(encoded: object, budget: Budget) -> str:
    """Return a data: URL for what is a PNG of reasonable size, else nothing."""
    if isinstance(encoded, list):
        encoded = "".join(piece for piece in encoded if isinstance(piece, str))
    if not isinstance(encoded, str) or len(encoded) > PICTURE * 3 // 2:
        return ""
    try:
        data = base64.b64decode(re.sub(r"\s+", "", encoded), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(data) < 33 or not data.startswith(_PNG) or data[12:16] != b"IHDR":
        return ""
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= SIDE and 0 < height <= SIDE) or len(data) > min(PICTURE, budget.picture_bytes):
        return ""
    budget.picture_bytes -= len(data)
    return f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
