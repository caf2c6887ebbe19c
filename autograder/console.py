"""What the commands share: options that several take, and how they answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from autograder.course import Course

Root = Annotated[Path, typer.Option("--course", help="The course's folder, or one inside it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script, and nothing else, on stdout.")]
Assignment = Annotated[str, typer.Argument(help="The assignment's id, as in course.toml.")]
Some = Annotated[list[str] | None, typer.Argument(help="Assignment ids; all when none is given.")]
Students = Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")]
Workers = Annotated[int, typer.Option(min=1, help="Notebooks run at the same time.")]


def load(folder: Path) -> Course:
    from autograder.course import find_root, load_course

    return load_course(find_root(folder))


def points(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(stderr=stderr)


def table(head: list[str], rows: list[list[str]], title: str | None = None) -> None:
    """Print rows of text that is not ours."""
    from rich.table import Table
    from rich.text import Text

    made = Table(*head, title=title)
    for row in rows:
        made.add_row(*(Text(inert(cell)) for cell in row))
    show(made)


def show(content: Any) -> None:
    """Print words of ours, with markup, or a table."""
    _console().print(content)


def plain(text: str) -> None:
    """Print text that is not ours, such as a file name or a student's: no markup in it is obeyed."""
    _console().print(inert(text), markup=False, highlight=False)


def complain(text: str) -> None:
    _console(stderr=True).print(inert(text), markup=False, highlight=False)


def inert(text: str) -> str:
    """Return text in which nothing moves the cursor of a terminal, or writes its title."""
    return "".join(letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text)


def listed(found: Sequence[Any], one: str, many: str, none: str, as_json: bool) -> NoReturn:
    """Print what was found, or the words for nothing, and end with 1 or 0."""
    if as_json:
        answer([vars(each) for each in found])
    elif found:
        show(f"[bold red]{len(found)} {one if len(found) == 1 else many}[/]")
        for each in found:
            plain(f"- {each}")
    else:
        show(none)
    raise typer.Exit(1 if found else 0)


def answer(content: Any) -> None:
    """Print JSON for a script."""
    print(json.dumps(content, indent=1, ensure_ascii=False, default=str))
