"""How a question looks: Markdown in a notebook, the same text elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from handin.questions import Question


class Given(dict[str, Any]):
    """The numbers of a question. A cell that ends with ask() shows the question alone, not these."""

    def _ipython_display_(self) -> None:
        pass


def markdown(question: Question) -> str:
    points = f"{question.points:g} point{'s' * (question.points != 1)}"
    parts = [f"**{question.title}** ({points})", question.prompt.strip()]
    if question.options:
        rows = [f"| `{key}` | {_cell(text)} |" for key, text in question.options.items()]
        parts += ["\n".join(["| id | option |", "|:---|:---|", *rows]), _HOW[question.kind]]
    if question.personal:
        name = "".join(c for c in question.user[:40] if c.isalnum() or c in ".@-_ ")
        parts.append(f"*These are the numbers of* `{name}`*; others have their own.*")
    return "\n\n".join(parts)


_HOW = {
    "choice": "Answer with the id of one option, in quotes.",
    "choices": "More than one option can be right. Answer with a list of their ids, each in quotes.",
}


def show(text: str) -> None:
    """Display Markdown in a notebook; print it anywhere else."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(text)
        return
    from IPython.display import Markdown, display

    display(Markdown(text))


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
