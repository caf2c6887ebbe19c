"""The questions of a release, and which of them is this student's own."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = "questions.json"
FORMAT = 1


class HandInError(Exception):
    """Something that the student can put right: the text says how. Shown without a traceback in a notebook."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return [str(self)]


@dataclass(frozen=True)
class Question:
    """One exercise as one student meets it."""

    id: str
    title: str
    points: float
    kind: str  # number, choice, choices, order, match, function, model, text, value
    form: Mapping[str, Any]  # what may be known of the answer: units, options, shapes
    prompt: str  # Markdown, with the student's own numbers in it
    params: Mapping[str, Any]
    variant: str  # digest of exercise and params
    user: str
    personal: bool  # others may have other numbers
    order: str  # what the order of options is drawn from
    sealed: tuple[str, ...] = ()  # what check() may say at once (practice.py)

    @property
    def options(self) -> dict[str, str]:
        """Ids and texts of a quiz, in the student's own order."""
        return self._shuffled("options")

    @property
    def targets(self) -> dict[str, str]:
        """Ids and texts of what options are matched with, in an order of their own."""
        return self._shuffled("targets")

    def _shuffled(self, name: str) -> dict[str, str]:
        texts = {entry["id"]: entry["text"] for entry in self.form.get(name, [])}
        return {key: texts[key] for key in sorted(texts, key=lambda key: _sha256(self.order, key))}


def place(salt: str, exercise: str, user: str, size: int) -> int:
    """Return the student's place 0..size-1 in the pool of an exercise: uniform, and the same wherever it is asked.

    The first 256 bits of SHA-256, so that the remainder favours no place by more than size / 2^256.
    """
    return int.from_bytes(_sha256(salt, exercise, user)) % size


def find(exercise: str) -> Question:
    """Return this student's own question; raise HandInError that says what is missing."""
    released = load()
    entry = released["exercises"].get(exercise) if type(exercise) is str else None
    if entry is None:
        raise HandInError(_unknown(exercise, list(released["exercises"])))
    user, salt, pool = user_name(), released["salt"], entry["pool"]
    mine = deepcopy(pool[place(salt, exercise, user, len(pool))])  # a student may write into what they are given
    params = mine["params"]
    return Question(
        id=exercise,
        title=entry["title"],
        points=entry["points"],
        kind=entry["kind"],
        form=entry.get("form", {}),
        prompt=entry["prompt"].format(**{**params, **mine.get("shown", {})}),
        params=params,
        variant=mine["digest"],
        user=user,
        personal=len(pool) > 1,
        order=f"{salt}/{exercise}/{user}",
        sealed=tuple(mine.get("practice", ())),
    )


def load() -> dict[str, Any]:
    """Return the content of questions.json; raise HandInError if it is missing, damaged or too new."""
    path = next((folder / FILE for folder in _folders() if (folder / FILE).is_file()), None)
    if path is None:
        raise HandInError(f"I can't find {FILE}. Keep it beside this notebook: it comes with the assignment's folder.")
    try:
        found = path.stat()
        released = _parsed(path, (found.st_mtime_ns, found.st_size, found.st_ino))
        version = released["format"]
        _ = released["exercises"], released["salt"]
    except (OSError, ValueError, TypeError, KeyError):
        raise HandInError(f"{FILE} beside this notebook is damaged. Copy it again from the assignment.") from None
    if version != FORMAT:
        raise HandInError(f"{FILE} is of another version than this program. Try: pip install --upgrade handin")
    return released


@lru_cache(maxsize=2)
def _parsed(path: Path, version: tuple[int, ...]) -> dict[str, Any]:
    """Milliseconds, and a notebook asks thirty times. version: another one when the file is."""
    found: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"))
    return found


def user_name() -> str:
    """Return `me` of the notebook's first cell, else the name that JupyterHub gives; raise HandInError if neither."""
    me = getattr(sys.modules.get("__main__"), "me", "")
    name = (me.strip() if type(me) is str else "") or os.environ.get("JUPYTERHUB_USER", "").strip()
    if not name:
        raise HandInError(
            'I don\'t know who you are yet. In the first cell write your user name between the quotes, me = "...", '
            "run that cell, and then this one again. It must be the name you have on the course's JupyterHub."
        )
    return name


def _folders() -> list[Path]:
    """Where the notebook may lie: nearly always the working directory, but an editor may say otherwise."""
    main = sys.modules.get("__main__")
    notebooks = [getattr(main, "__vsc_ipynb_file__", ""), os.environ.get("JPY_SESSION_NAME", "")]
    return [Path.cwd(), *(Path(name).parent for name in notebooks if type(name) is str and name)]


def _unknown(exercise: object, known: list[str]) -> str:
    from difflib import get_close_matches

    if type(exercise) is not str:
        return 'Write the exercise\'s id in quotes, such as ask("parameters").'
    close = get_close_matches(exercise, known, 1)
    hint = f'Did you mean "{close[0]}"?' if close else f"Its exercises are: {', '.join(known)}."
    return f'This assignment has no exercise "{exercise[:60]}". {hint}'


def _sha256(*parts: str) -> bytes:
    return hashlib.sha256(json.dumps(parts).encode()).digest()
