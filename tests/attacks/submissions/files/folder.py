"""Submits a folder with the notebook's name, and a link that leads back to the folder above.

expect: rejected-file
held-by: ingest
"""

from __future__ import annotations

from tests.attacks.field import Given


def submission(given: Given) -> None:
    (given.folder / "exam.ipynb").mkdir()
    (given.folder / "up").symlink_to("..")
