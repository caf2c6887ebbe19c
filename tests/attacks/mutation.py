"""Damage, drawn from a seed: bytes that were almost what they should be, and notebooks that almost make sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, float("nan"), "", "\ud800", "\x00\x1b[2J", "a" * 5000, [], [[]], {}, {"": {}},
    {"nbgrader": {"grade_id": "target", "grade": True, "locked": False, "points": 1e9}}, ["skip-execution"],
)  # fmt: skip


def bytes_of(data: bytes, rng: Random) -> bytes:
    """Change, take out, put in, double or cut a few places."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(made) + 1)
        to = min(len(made), at + rng.choice((1, 1, 2, 8, 100)))
        change = rng.randrange(6)
        if change == 0 and at < len(made):
            made[at] = rng.randrange(256)
        elif change == 1:
            del made[at:to]
        elif change == 2:
            made[at:at] = rng.randbytes(rng.choice((1, 4, 30)))
        elif change == 3:
            made[at:at] = made[at:to]
        elif change == 4:
            made[at:to] = rng.choice((b"\xff" * 8, b"\x00" * 4, b'"', b"{" * 70, b"[" * 70, b"\\u0000"))
        elif rng.random() < 0.2:
            del made[at:]
    return bytes(made)


def notebook_of(notebook: dict[str, Any], rng: Random) -> bytes:
    """Damage the tree of a notebook in a few places, and now and then its bytes as well."""
    made = json.loads(json.dumps(notebook))
    for _ in range(rng.randint(1, 5)):
        rng.choice(_CHANGES)(made, rng)
    data = json.dumps(made).encode()
    return bytes_of(data, rng) if rng.random() < 0.2 else data


def _replace(tree: Any, rng: Random) -> None:
    """Put something odd in the place of something, anywhere."""
    node = tree
    while True:
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not places:
            return
        place = rng.choice(places)
        if isinstance(node[place], dict | list) and rng.random() < 0.8:
            node = node[place]
            continue
        node[place] = rng.choice(ODD)
        return


def _cells(tree: Any) -> list[Any]:
    cells = tree.get("cells") if isinstance(tree, dict) else None
    return cells if isinstance(cells, list) and cells else [{}]


def _double(tree: Any, rng: Random) -> None:
    cells = _cells(tree)
    cells.insert(rng.randrange(len(cells) + 1), json.loads(json.dumps(rng.choice(cells))))


def _remove(tree: Any, rng: Random) -> None:
    cells = _cells(tree)
    del cells[rng.randrange(len(cells))]


def _shuffle(tree: Any, rng: Random) -> None:
    rng.shuffle(_cells(tree))


def _swap_claims(tree: Any, rng: Random) -> None:
    cells = [cell for cell in _cells(tree) if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict)]
    if len(cells) > 1:
        one, other = rng.sample(cells, 2)
        one["metadata"], other["metadata"] = other["metadata"], one["metadata"]


def _edit(tree: Any, rng: Random) -> None:
    cell = rng.choice(_cells(tree))
    if isinstance(cell, dict):
        cell["source"] = rng.choice(("", "check('total', 1)", "import os; os._exit(0)", ["a\n", 3], "\u202e check"))


def _retype(tree: Any, rng: Random) -> None:
    cell = rng.choice(_cells(tree))
    if isinstance(cell, dict):
        cell["cell_type"] = rng.choice(("code", "markdown", "raw", "heading", "", 4))


_CHANGES: tuple[Callable[[Any, Random], None], ...] = (
    _replace, _replace, _double, _remove, _shuffle, _swap_claims, _edit, _retype,
)  # fmt: skip
