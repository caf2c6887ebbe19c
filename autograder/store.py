"""What came back from sandboxes and what was judged of it, beside the gradebook: judging again runs nothing.

records/releases/<assignment>/<version>/     what students were given (release.py)
records/runs/<assignment>/<student>/<notebook>/evidence.bin, executed.ipynb, <exercise>.keras; known.json
records/reports/<assignment>/<student>.json
records/receipts/<assignment>/<student>.json
records/recorded/<assignment>/<student>     what the gradebook was last told (nbgrader_ext/gradebook.py)

Every file is written beside its place and renamed into it: a kill at any moment leaves the old one or the new one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import AutograderError, WireError
from autograder.files import replace_folder, write_atomic
from autograder.types import Evidence, Receipt, Remark, Report, Run, Verdict
from handin.wire import decode, encode

FORMAT = 2
"""Of evidence.bin; another number means: run again."""

NO_LIMIT = 2**40
"""Every value was decoded under its limit before it was kept; an array of no rows may claim more than its bytes."""


_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class Judged:
    """The verdict on the evidence for one exercise. basis names all else that it follows from; probe, the question."""

    basis: str
    probe: str
    verdict: Verdict
    seen: bool  # whether an answer reached us


@dataclass(frozen=True)
class Known:
    """What was found out of a kept run, so that nobody works it out again. It goes when the run is replaced."""

    submitted: str  # sha256 of the notebook as it was handed in
    source: str  # names all that the run's key is made of, but the environment
    environment: str
    repairs: tuple[Remark, ...]  # the doctor's
    remarks: tuple[Remark, ...]  # the run's own
    tier: str
    seconds: float
    cpu_seconds: float
    judged: Mapping[str, Judged]


class Store:
    """The records of one course. One writer at a time (the parent); any number of readers."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "records"

    # -- runs -----------------------------------------------------------------------------------------------------

    def _run(self, assignment: str, student: str, notebook: str) -> Path:
        return self.folder / "runs" / assignment / student / notebook

    def put_run(self, assignment: str, student: str, notebook: str, key: str, run: Run) -> None:
        """Keep a run that was not lost, replacing the student's earlier run of that notebook as a whole."""
        assert run.lost is None, "a lost run is no evidence"
        target = self._run(assignment, student, notebook)

        def build(folder: Path) -> None:
            (folder / "evidence.bin").write_bytes(_pack(key, run))
            (folder / "executed.ipynb").write_bytes(run.notebook)
            for name, content in run.artefacts.items():
                (folder / Path(name).name).write_bytes(content)

        replace_folder(target, build)

    def get_run(
        self, assignment: str, student: str, notebook: str, key: str | None = None, only: Collection[str] | None = None
    ) -> Run | None:
        """Return the kept run, or None: none was kept, its key is another, or its bytes do not decode.

        only: the exercises whose evidence is wanted.
        """
        folder = self._run(assignment, student, notebook)
        try:
            data = (folder / "evidence.bin").read_bytes()
            executed = (folder / "executed.ipynb").read_bytes()
            found, run = _unpack(data, executed, only)
        except (FileNotFoundError, WireError, KeyError, TypeError, ValueError, AttributeError):
            return None
        return run if key is None or key == found else None

    def executed(self, assignment: str, student: str, notebook: str) -> bytes:
        """Return the executed notebook of a kept run."""
        return (self._run(assignment, student, notebook) / "executed.ipynb").read_bytes()

    def put_known(self, assignment: str, student: str, notebook: str, known: Known) -> None:
        content = json.dumps(_jsonable(known), ensure_ascii=False).encode("utf-8", "replace")
        write_atomic(self._run(assignment, student, notebook) / "known.json", content)

    def known(self, assignment: str, student: str, notebook: str) -> Known | None:
        """Return what is known of the kept run, or None: then it is to be found out again."""
        try:
            content: Any = json.loads((self._run(assignment, student, notebook) / "known.json").read_bytes())
            remarks = {name: tuple(Remark(**r) for r in content[name]) for name in ("repairs", "remarks")}
            judged = {e: Judged(**{**j, "verdict": Verdict(**j["verdict"])}) for e, j in content["judged"].items()}
            return Known(**{**content, **remarks, "judged": judged})
        except (OSError, *_DAMAGED):
            return None

    def artefact(self, assignment: str, student: str, notebook: str, name: str) -> bytes:
        return (self._run(assignment, student, notebook) / Path(name).name).read_bytes()

    # -- reports --------------------------------------------------------------------------------------------------

    def put_report(self, report: Report) -> None:
        """Keep a report. One that says nothing new is not written, so that its time tells how old its news are."""
        path, content = self._report(report.assignment, report.student), report_to_json(report)
        if not path.exists() or path.read_bytes() != content:
            write_atomic(path, content)

    def _report(self, assignment: str, student: str) -> Path:
        return self.folder / "reports" / assignment / f"{student}.json"

    def report_bytes(self, assignment: str, student: str) -> bytes:
        """Return the kept report as it lies there, b"" where none does."""
        try:
            return self._report(assignment, student).read_bytes()
        except FileNotFoundError:
            return b""

    def report(self, assignment: str, student: str) -> Report | None:
        """Return the kept report, or None: none was kept, or a power cut left no whole one; `grade` writes it again."""
        try:
            return report_from_json(self.report_bytes(assignment, student))
        except _DAMAGED:
            return None

    def reports(self, assignment: str) -> Iterator[Report]:
        for path in sorted((self.folder / "reports" / assignment).glob("*.json")):
            try:
                yield report_from_json(path.read_bytes())
            except _DAMAGED as error:
                raise AutograderError(
                    f"{path} is damaged ({error}). Run `autograder grade {assignment} --student {path.stem}`: "
                    "it is written again."
                ) from error

    # -- receipts -------------------------------------------------------------------------------------------------

    def receipt(self, assignment: str, student: str, sha256: str, *, keep: bool = True) -> Receipt:
        """Return the receipt for these bytes; our clock is read when they are first seen, and never again.

        keep=False writes nothing, so that bytes that were never seen before are as new the next time.
        """
        seen = self.received(assignment, student)
        known = len(seen)
        if sha256 not in seen:
            seen[sha256] = datetime.now(UTC).isoformat(timespec="seconds")
        if keep and len(seen) > known:
            write_atomic(self._receipts(assignment, student), json.dumps(seen, indent=1).encode())
        return Receipt(sha256, seen[sha256])

    def received(self, assignment: str, student: str) -> dict[str, str]:
        """Return when each content was first seen, by its sha256."""
        path = self._receipts(assignment, student)
        try:
            seen: dict[str, str] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except _DAMAGED as error:
            raise AutograderError(
                f"{path} is damaged ({error}). Put it back from a backup; or delete it, and our clock is read again."
            ) from error
        return seen

    def _receipts(self, assignment: str, student: str) -> Path:
        return self.folder / "receipts" / assignment / f"{student}.json"


def _pack(key: str, run: Run) -> bytes:
    return encode(
        {
            "format": FORMAT,
            "key": key,
            "job": run.job,
            "tier": run.tier,
            "seconds": run.seconds,
            "cpu_seconds": run.cpu_seconds,
            "remarks": [[r.student, r.staff, r.cell] for r in run.remarks],
            "evidence": {name: _evidence(e) for name, e in run.evidence.items()},
        }
    )


def _evidence(e: Evidence) -> dict[str, Any]:
    return {
        "status": e.status,
        "value": _sealed(e.value),
        "calls": [_evidence(c) for c in e.calls],
        "probe": e.probe,
        "variant": e.variant,
        "detail": e.detail,
        "facts": _sealed(dict(e.facts)),
        "artefact": e.artefact,
    }


def _sealed(value: Any) -> Any:
    """A student's value as bytes of its own: many that are each as large, or as deep, as allowed still fit together."""
    return np.frombuffer(encode(value), np.uint8)


def _opened(sealed: Any) -> Any:
    return decode(sealed.tobytes(), limit=NO_LIMIT)


def _unpack(data: bytes, executed: bytes, only: Collection[str] | None) -> tuple[str, Run]:
    content: Any = decode(data, limit=NO_LIMIT)
    if content["format"] != FORMAT:
        raise ValueError("another format")
    run = Run(
        job=content["job"],
        evidence={name: _evidence_back(e) for name, e in content["evidence"].items() if only is None or name in only},
        notebook=executed,
        remarks=tuple(Remark(*r) for r in content["remarks"]),
        tier=content["tier"],
        seconds=content["seconds"],
        cpu_seconds=content["cpu_seconds"],
    )
    return content["key"], run


def _evidence_back(e: Any) -> Evidence:
    back = {"value": _opened(e["value"]), "facts": _opened(e["facts"]), "calls": tuple(map(_evidence_back, e["calls"]))}
    return Evidence(**{**e, **back})


def evidence_to_json(run: Run) -> bytes:
    """Return what a student handed in, for the student: nothing that follows from hidden inputs, no words for staff.

    What a function returned, or a model predicted, could be the hidden input itself.
    """
    told: dict[str, dict[str, Any]] = {}
    for name, e in run.evidence.items():
        calls = [call.status for call in e.calls]
        told[name] = {"status": e.status, "facts": e.facts, "calls": calls, "file": e.artefact}
        if not e.calls and not e.artefact:
            told[name]["value"] = e.value
    content = {"tier": run.tier, "seconds": run.seconds, "cpu_seconds": run.cpu_seconds, "answers": told}
    return json.dumps(_jsonable(content), indent=1, ensure_ascii=False).encode("utf-8", "replace")


def report_to_json(report: Report) -> bytes:
    content = {"format": FORMAT, **_jsonable(report), "score": report.score, "max_score": report.max_score}
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def report_from_json(data: bytes) -> Report:
    content: dict[str, Any] = json.loads(data)
    for derived in ("format", "score", "max_score"):
        content.pop(derived, None)
    receipt = content["receipt"]
    return Report(
        **{
            **content,
            "verdicts": {name: Verdict(**v) for name, v in content["verdicts"].items()},
            "remarks": tuple(Remark(**r) for r in content["remarks"]),
            "absent": tuple(content.get("absent", ())),
            "receipt": Receipt(**{**receipt, "answers": tuple(receipt["answers"])}) if receipt else None,
        }
    )


def _jsonable(value: Any) -> Any:
    """Plain values, and nouns of ours, as JSON that every reader takes: no NaN, no arrays, no tuples."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value):
        return {field: _jsonable(getattr(value, field)) for field in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): _jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if hasattr(value, "tolist"):
        return _jsonable(value.tolist())
    return value
