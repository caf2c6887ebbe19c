"""What a notebook calls: ask() shows a question, check() says how the answer was read and hands it in, data() finds
the data of the course.

Nothing here needs a network, and nothing here knows what is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ask", "check", "data"]


def ask(exercise: str) -> Mapping[str, Any]:
    """Show the question with the student's own numbers, and return these numbers, by name."""
    from handin import page, questions

    question = questions.find(exercise)
    page.show(page.markdown(question))
    return page.Given(question.params)


def check(exercise: str, answer: object) -> None:
    """Hand the answer in and say how it was read; raise HandInError for what is missing or can't be read."""
    from handin import answers, carrier, questions

    question = questions.find(exercise)
    # First: an answer that can't be read here is an answer all the same.
    carrier.hand_in(question.id, question.kind, question.variant, answer)
    print(f"Your answer was read as: {answers.read(question, answer)}")
    if question.sealed:
        from handin import practice

        print(f"Practice: {practice.say(question, answer)}")
    print("Handed in, not graded here.")


def data(name: str) -> Path:
    """Return the folder of a data set of the course; raise HandInError that says where to get it."""
    from handin import packs

    return packs.find(name)
