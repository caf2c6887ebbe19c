"""Ask a checker about one answer, as a sandbox would have handed it over."""

from __future__ import annotations

from typing import Any

from autograder.checkers.base import Base
from autograder.types import Evidence, Variant, Verdict


def variant(key: Any, seed: int = 1) -> Variant:
    return Variant("asked", {}, key, "0123456789abcdef", seed=seed)


def ask(checker: Base, key: Any, answer: Any) -> Verdict:
    return checker.check(Evidence("ok", answer), variant(key))
