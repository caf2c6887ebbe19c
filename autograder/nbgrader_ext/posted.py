"""The grades that students were told: records/posted/<assignment>/<student>.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.files import write_atomic


@dataclass(frozen=True)
class Posted:
    score: float
    moment: datetime


def posted(root: Path, assignment: str, student: str) -> Posted | None:
    try:
        content = json.loads(_place(root, assignment, student).read_bytes())
        return Posted(float(content["score"]), datetime.fromisoformat(content["moment"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(root: Path, assignment: str, student: str, score: float) -> None:
    content = {"score": score, "moment": datetime.now(UTC).isoformat()}
    write_atomic(_place(root, assignment, student), json.dumps(content).encode())


def put_back(root: Path, assignment: str, student: str, before: Posted | None) -> None:
    """The student was not told after all."""
    place = _place(root, assignment, student)
    if before is None:
        place.unlink(missing_ok=True)
    else:
        write_atomic(place, json.dumps({"score": before.score, "moment": before.moment.isoformat()}).encode())


def total(submission: Any) -> float:
    """Return the points of one of nbgrader's submissions, with lateness taken off."""
    penalty = sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)
    return round(max(0.0, float(submission.score) - penalty), 6)


def _place(root: Path, assignment: str, student: str) -> Path:
    return root / "records" / "posted" / assignment / f"{student}.json"
