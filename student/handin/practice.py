"""Practice: what check() says of an answer where the author lets it, without a network and without a key.

For each answer that the author knows, the right one and the known mistakes, a release holds what is said to it, sealed
under that answer itself. Who tries an answer opens what belongs to it and nothing else; and whoever would try them all
could do so with check(). So the author decides: what is released for practice is no secret.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from handin import numbers, quiz
from handin.questions import HandInError, Question
from handin.words import N_, _

KINDS = ("number", "choice", "choices", "order", "match", "value")
NOT_YET = N_("Not right yet.")
_ROUNDS = 1000
_TAG = 16  # bytes
_BLOCK = 256  # texts are filled up to multiples of it: their length tells nothing


def meant(question: Question, answer: object) -> str | None:
    """Return one text for all ways to write an answer; None where it cannot be told."""
    try:
        match question.kind:
            case "number":
                value = numbers.meant(
                    numbers.read(answer), question.form.get("unit") or "", bool(question.form.get("bare"))
                )
                return None if value is None else str(value)
            case "choice" | "choices":
                return "\n".join(sorted(quiz.picks(question, answer)))
            case "order":
                return "\n".join(quiz.given(question, answer))
            case "match":
                return "\n".join(f"{item}={target}" for item, target in sorted(quiz.pairs(question, answer).items()))
            case "value":
                row = numbers.read_row(answer)
                return "\n".join(map(str, row)) if row else None
    except HandInError:
        pass
    return None


def sealed(question: Question, said: Mapping[str, str]) -> list[str]:
    """Return what is said to each answer, as `meant` has it, sealed. In no order that tells anything."""
    length = max((-(-len(text.encode()) // _BLOCK) * _BLOCK for text in said.values()), default=0)
    made = []
    for answer, text in said.items():
        tag, key = _keys(question, answer)
        made.append(base64.b64encode(tag + _mixed(text.encode().ljust(length), key)).decode())
    return sorted(made)


def say(question: Question, answer: object) -> str:
    """Return what the author says to this answer."""
    if (written := meant(question, answer)) is not None:
        tag, key = _keys(question, written)
        for content in map(base64.b64decode, question.sealed):
            if content[:_TAG] == tag:
                return _mixed(content[_TAG:], key).decode().rstrip()
    return _(NOT_YET)


def _keys(question: Question, answer: str) -> tuple[bytes, bytes]:
    """Return what an answer's entry begins with, and what the rest of it is sealed with."""
    salt = f"{question.id}/{question.variant}".encode()
    made = hashlib.pbkdf2_hmac("sha256", answer.encode(), salt, _ROUNDS, _TAG + 32)
    return made[:_TAG], made[_TAG:]


def _mixed(content: bytes, key: bytes) -> bytes:
    """Seal, or open."""
    stream = hashlib.shake_256(key).digest(len(content))
    return bytes(a ^ b for a, b in zip(content, stream, strict=True))
