"""Where answers arrive. Reads bytes that student code may have written; keeps the last answer to each question."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from autograder.sandbox.budget import BudgetError
from autograder.sandbox.inside.frames import FrameError, Reader
from autograder.types import Evidence, Limits, Plain
from handin import wire

MESSAGE_COST = 64  # bytes that a message counts, however short it is
FILES = 16  # model files whose announcement has not come
STATUSES = ("ok", "raised", "timeout", "memory", "unreadable")
HISTORY_CURVES, HISTORY_VALUES = 20, 200


@dataclass
class Answer:
    """What was handed in last for one exercise."""

    kind: str  # value, function, model
    status: str
    detail: str
    variant: str | None
    cell: int | None
    body: bytes = b""
    history: dict[str, list[float]] = field(default_factory=dict)
    file: BinaryIO | None = None  # a model's, unlinked: nothing stays on disk

    def evidence(self, limit: int) -> Evidence:
        """Of an answer that is a value."""
        facts = {} if self.cell is None else {"cell": self.cell}
        if self.status != "ok":
            return Evidence("unreadable", variant=self.variant, detail=self.detail, facts=facts)
        try:
            value: Plain = wire.decode(self.body, limit)
        except wire.WireError as error:
            return Evidence("unreadable", variant=self.variant, detail=str(error)[:300], facts=facts)
        return Evidence("ok", value, variant=self.variant, facts=facts)


class Desk:
    """Methods named `on_` run in the box's thread, and raise BudgetError when too much, or nonsense, comes in."""

    def __init__(self, exercises: Collection[str], limits: Limits) -> None:
        self.answers: dict[str, Answer] = {}
        self.cell: int | None = None  # the one that runs now
        self.on_reply: Callable[[dict[str, Any], bytes], None] | None = None
        self._exercises = frozenset(exercises)
        self._limits = limits
        self._frames = Reader(limits.value_mb * 2**20 + 1024)
        self._model_frames = Reader(2**20)
        self._file: BinaryIO | None = None
        self._finished: dict[int, BinaryIO] = {}
        self._announced: dict[int, Answer] = {}
        self._bytes = self._model_bytes = self._messages = 0
        self._shut = False

    def shut(self) -> None:
        """Take no more answers. What comes after the last cell may know the hidden inputs, and would be shown."""
        self.cell, self._shut = None, True

    def on_answers(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > 6 * self._limits.value_mb * 2**20:
            raise BudgetError("too much handed in")
        try:
            for header, body in self._frames.feed(data):
                self._count()
                if "reply" in header:
                    if self.on_reply is not None:
                        self.on_reply(header, body)
                else:
                    self._on_answer(header, body)
        except FrameError as error:
            raise BudgetError(f"protocol: {error}") from error

    def on_models(self, data: bytes) -> None:
        self._model_bytes += len(data)
        if self._model_bytes > 4 * self._limits.model_mb * 2**20:
            raise BudgetError("too many models handed in")
        try:
            for header, body in self._model_frames.feed(data):
                self._model_bytes += MESSAGE_COST
                self._on_model_part(header, body)
        except FrameError as error:
            raise BudgetError(f"protocol: {error}") from error

    def _count(self) -> None:
        self._messages += 1
        if self._messages > self._limits.answers:
            raise BudgetError(f"more than {self._limits.answers:,} answers")

    def _on_answer(self, header: dict[str, Any], body: bytes) -> None:
        exercise = header.get("exercise")
        if self._shut or not isinstance(exercise, str) or exercise not in self._exercises:
            return  # nobody asked
        kind = header.get("kind")
        answer = Answer(
            kind=kind if kind in ("value", "function", "model") else "value",
            status="ok" if header.get("status") == "ok" else "unreadable",
            detail=words(header.get("detail")),
            variant=words(header.get("variant"), 64) or None,
            cell=self.cell,
            body=body if kind not in ("function", "model") else b"",
        )
        old, self.answers[exercise] = self.answers.get(exercise), answer
        if old is not None:
            self._announced = {number: one for number, one in self._announced.items() if one is not old}
            if old.file is not None:
                old.file.close()
        if answer.kind == "model":
            answer.history = _history(header.get("history"))
            number = header.get("number")
            if isinstance(number, int):
                # File and announcement come on two descriptors: whichever is later joins them.
                self._announced[number] = answer
                self._join(number)

    def _on_model_part(self, header: dict[str, Any], body: bytes) -> None:
        if self._shut:
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (kept until its answer is judged)
        if self._file.tell() + len(body) > self._limits.model_mb * 2**20:
            raise BudgetError(f"a model of more than {self._limits.model_mb} MB")
        self._file.write(body)
        if header.get("last") is True:
            number = header.get("number")
            if isinstance(number, int):
                if number in self._finished:
                    self._finished.pop(number).close()
                self._finished[number] = self._file
                self._join(number)
                if len(self._finished) > FILES:  # each is an open file of ours
                    raise BudgetError("protocol: model files that answer nothing")
            else:
                self._file.close()
            self._file = None

    def _join(self, number: int) -> None:
        if number in self._finished and number in self._announced:
            answer, file = self._announced.pop(number), self._finished.pop(number)
            if any(current is answer for current in self.answers.values()):
                answer.file = file
            else:
                file.close()

    def close(self) -> None:
        """Close the files that no answer holds."""
        for file in [*self._finished.values(), *([self._file] if self._file else [])]:
            file.close()
        self._finished.clear()


def words(value: object, length: int = 300) -> str:
    """Text from inside that staff may read: printable, and short."""
    if not isinstance(value, str):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in value[:length])


def _history(value: object) -> dict[str, list[float]]:
    if not isinstance(value, dict):
        return {}
    curves = {}
    for name, points in list(value.items())[:HISTORY_CURVES]:
        if isinstance(points, list):
            numbers = [float(p) for p in points[:HISTORY_VALUES] if isinstance(p, int | float) and abs(p) < 1e300]
            curves[words(name, 60)] = numbers
    return curves


def reply(header: dict[str, Any], body: bytes, limit: int) -> Evidence:
    """What one call of a student's function came to."""
    status = header.get("status")
    if status not in STATUSES:
        return Evidence("unreadable", detail="no known status")
    if status != "ok":
        return Evidence(status, detail=words(header.get("detail"), 120))
    try:
        facts = {"changed": True} if header.get("changed") is True else {}
        return Evidence("ok", wire.decode(body, limit), facts=facts)
    except wire.WireError as error:
        return Evidence("unreadable", detail=str(error)[:300])
