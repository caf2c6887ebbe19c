"""What all quizzes share: things that a student names by id, how they are listed, and how written ids are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.types import Json
from handin.words import N_, _

MANY = 1000  # more than any quiz lists
_NO_ID = {
    "option": N_("This is not the id of an option. Write {ids}, in quotes."),
    "item": N_("This is not the id of an item. Write {ids}, in quotes."),
}
_UNKNOWN = {
    "option": N_("There is no option with this id. The ids are {ids}."),
    "item": N_("There is no item with this id. The ids are {ids}."),
    "target": N_("There is no target with this id. The ids are {ids}."),
}


@dataclass(frozen=True)
class Item:
    """Something that a student sees, and names in the answer by its id."""

    id: str
    text: str


def distinct(items: Sequence[Item], noun: str) -> None:
    """Raise ValueError when two items have one id; capital letters make no difference."""
    if len({fold(item.id) for item in items}) < len(items):
        raise ValueError(f"Two {noun}s have the same id.")


def listed(items: Iterable[Item]) -> list[Json]:
    """Return ids and texts as they are released."""
    # By id: authors tend to write the right one first. Each student's own order is made in the notebook.
    return [{"id": item.id, "text": item.text} for item in sorted(items, key=lambda item: item.id)]


def ids(items: Iterable[Item]) -> str:
    return ", ".join(sorted(item.id for item in items))


def read_ids(value: Any, items: Sequence[Item], noun: str) -> tuple[list[str], str]:
    """Return the ids that are meant, in the order given, and a kind word about what cannot be understood.

    noun: option or item.
    """
    given = [value] if type(value) is str else list(value) if type(value) in (list, tuple) else None
    if given is None or len(given) > MANY or any(type(item) is not str for item in given):
        return [], _(_NO_ID[noun]).format(ids=ids(items))
    known = {fold(item.id): item.id for item in items}
    folded = [fold(item) for item in given]
    if any(item and item not in known for item in folded):
        return [], unknown(noun, items)
    return [known[item] for item in folded if item], ""


def unknown(noun: str, items: Iterable[Item]) -> str:
    return _(_UNKNOWN[noun]).format(ids=ids(items))


def fold(text: str) -> str:
    return text.strip().casefold()
