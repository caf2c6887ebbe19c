"""A small release beside a notebook, and a student who works in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handin import carrier
from handin.carrier import Handed

OPTIONS = [{"id": f"option-{n}", "text": f"Text of option {n} | with a bar"} for n in range(6)]
STEPS = [{"id": name, "text": f"First we {name}."} for name in ("build", "compile", "fit", "predict")]
ANIMALS = [{"id": name, "text": f"A {name}"} for name in ("Lion", "tiger", "zebra")]
COATS = [{"id": name, "text": f"has {name}"} for name in ("dots", "nothing", "spots", "stripes")]


def exercise(kind: str, form: dict[str, Any] | None = None, pool: int = 1, **more: Any) -> dict[str, Any]:
    entries = [{"params": {"rows": n}, "shown": {"net": f"net {n}"}, "digest": f"{n:016x}"} for n in range(pool)]
    entry = {"title": f"A {kind}", "points": 2, "kind": kind, "form": form or {}, "pool": entries}
    return entry | {"prompt": "Take {rows} rows of {net}."} | more


RELEASED = {
    "format": 1,
    "course": "cnn",
    "assignment": "arithmetic",
    "salt": "5a17",
    "version": "0" * 16,
    "exercises": {
        "count": exercise("number", {"unit": "", "bare": False}, pool=50, points=1),
        "memory": exercise("number", {"unit": "MB", "bare": False}),
        "bare": exercise("number", {"unit": "MB", "bare": True}),
        "which": exercise("choice", {"options": OPTIONS}),
        "several": exercise("choices", {"options": OPTIONS}),
        "steps": exercise("order", {"options": STEPS}),
        "coats": exercise("match", {"options": ANIMALS, "targets": COATS}),
        "shape": exercise("value", {"entries": ["height", "width", "channels"]}),
        "anything": exercise("value"),
        "essay": exercise("text"),
        "function": exercise("function", {"signature": "area(width, height)"}),
        "shown": exercise("function", {"arguments": ["x"], "examples": [{"args": [2]}, {"args": [0]}]}),
        "model": exercise("model", {"max_parameters": 100_000, "input_shape": [28, 28, 1], "classes": 10}),
        "future": exercise("hologram"),
    },
}


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the notebook, in which ada works."""
    (tmp_path / "questions.json").write_text(json.dumps(RELEASED))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.delattr(sys.modules["__main__"], "me", raising=False)
    return tmp_path


@pytest.fixture
def carried() -> Iterator[list[Handed]]:
    """What reaches a grader that listens."""
    found: list[Handed] = []
    carrier.set_carrier(found.append)
    yield found
    carrier.set_carrier(None)


@pytest.fixture
def said(release: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str, object], str]:
    """What check() prints."""
    from handin import check

    def run(exercise: str, answer: object) -> str:
        check(exercise, answer)
        return capsys.readouterr().out

    return run


@pytest.fixture
def complaint(release: Path) -> Callable[[str, object], str]:
    """What check() complains about."""
    from handin import check
    from handin.questions import HandInError

    def run(exercise: str, answer: object) -> str:
        with pytest.raises(HandInError) as caught:
            check(exercise, answer)
        return str(caught.value)

    return run
