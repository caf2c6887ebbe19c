"""How a question looks: Markdown in a notebook, the same text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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
        parts.append(_table("option" if question.kind in ("choice", "choices") else "item", question.options))
        if question.targets:
            parts.append(_table("target", question.targets))
        parts.append(_how(question))
    if question.sealed:
        parts.append("*This one is for practice:* `check(...)` *says at once whether it is right.*")
    if question.personal:
        name = "".join(c for c in question.user[:40] if c.isalnum() or c in ".@-_ ")
        parts.append(f"*These are the numbers of* `{name}`*; others have their own.*")
    return "\n\n".join(parts)


def _how(question: Question) -> str:
    """How to write the answer, with an example that holds no answer."""
    match question.kind:
        case "choices":
            return "More than one option can be right. Answer with a list of their ids, each in quotes."
        case "order":
            example = str(["..."] * len(question.options)).replace("'", '"')
            return f"Answer with a list of all ids in order, each in quotes:\n\n```python\n{example}\n```"
        case "match":
            example = "\n".join(["{", *(f'    "{key}": "...",' for key in question.options), "}"])
            words = "Answer with a dict: for the id of each item the id of its target, both in quotes."
            return f"{words} A target can be used more than once, or not at all:\n\n```python\n{example}\n```"
    return "Answer with the id of one option, in quotes."


def _table(noun: str, texts: Mapping[str, str]) -> str:
    rows = [f"| `{key}` | {_cell(text)} |" for key, text in texts.items()]
    return "\n".join([f"| id | {noun} |", "|:---|:---|", *rows])


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
