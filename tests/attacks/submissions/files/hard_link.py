"""Submits a second name of a file of the host's.

expect: rejected-file
held-by: doctor
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    (given.folder / "exam.ipynb").hardlink_to(given.root / "gradebook.db")
