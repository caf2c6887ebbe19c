"""A Job becomes a Run: the one place that every engine calls, in whatever process it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import handin
from autograder.digest import digest
from autograder.engines import oom, told
from autograder.engines.hidden import result, shown, was_cut, with_tests
from autograder.engines.slots import Granted, granted, limits_on
from autograder.errors import AutograderError, SandboxError
from autograder.sandbox import backends, bubblewrap, predictor, tiers
from autograder.sandbox.desk import Answer, words
from autograder.sandbox.gpus import Slot
from autograder.sandbox.seat import Seat
from autograder.sandbox.session import End, Sitting, cells_of, sit
from autograder.types import BACKENDS, TIERS, Evidence, Job, Probe, Remark, Run
from handin.words import speaking

TRIES = 2  # of what fails on our side
UNTOUCHED = "NotImplementedError"
"""What nbgrader's own text for a cell that is to be filled in raises: nothing was written there yet."""


def run_job(job: Job, practice: bool = False, seat: Seat | None = None) -> Run:
    """Run one notebook and bring back its evidence. Never raises: what fails on our side is Run.lost.

    practice: run even where nothing confines. Such a run is named tier "none", and must not become a grade.
    seat: held while something of the student's runs.
    """
    seat = seat or Seat()
    try:
        if job.resources.gpu:  # first, and to the end: those who wait for a seat must not hold a slot
            seat.take()
        with granted(job.resources, seat.given_up) as given:
            # Whoever left the seat and took it again would wait, with a slot, for those who wait for a slot.
            return _tried(job, practice, given, Seat(given_up=seat.given_up) if job.resources.gpu else seat)
    except AutograderError as error:
        return Run(job.id, lost=str(error))
    except Exception as error:  # our own mistake, or the machine's: never a student's
        return Run(job.id, lost=f"{type(error).__name__}: {error}")
    finally:
        seat.leave()


def _tried(job: Job, practice: bool, given: Granted, seat: Seat) -> Run:
    lost = ""
    for _ in range(TRIES):
        try:
            return _run(job, practice, given, seat)
        except AutograderError as error:
            lost = str(error)
        except Exception as error:
            lost = f"{type(error).__name__}: {error}"
    return Run(job.id, lost=lost or "no reason known")


def environment(practice: bool = False, least: str = TIERS[0]) -> str:
    """Return a name of what a run depends on beside its job: the tier, the kernel's packages, and our code inside."""
    folder = bubblewrap.kernel_env().folder
    _require_our_handin(folder)
    packages = sorted(path.name for path in folder.glob("lib/python*/site-packages/*.dist-info"))
    # The student's wheel changes more often than its version does.
    ours = [*Path(bubblewrap.__file__).with_name("inside").glob("*.py")]
    ours += folder.glob("lib/python*/site-packages/handin/*.py")
    return digest(
        [tiers.require(practice, least).name, packages, [[path.name, path.read_bytes()] for path in sorted(ours)]]
    )


def _require_our_handin(kernel: Path) -> None:
    """Both ends of the wire must be of one version: else good answers would look like a kernel that died."""
    ours = Path(handin.__file__).parent
    theirs = next(kernel.glob("lib/python*/site-packages/handin"), kernel)
    files = ((file, theirs / file.name) for file in ours.glob("*.py"))
    if not all(their.is_file() and their.read_bytes() == our.read_bytes() for our, their in files):
        raise SandboxError(
            f"The package handin in {kernel} is not the one that the grader has. Run `make setup` after an update."
        )


def _run(job: Job, practice: bool, given: Granted, seat: Seat) -> Run:
    if job.resources.backend != BACKENDS[0]:  # what Keras takes anyway is there, or is not needed
        backends.require(job.resources.backend)
    tier = tiers.require(practice, job.tier)
    slot = given.slot
    job = replace(job, limits=limits_on(slot, job.resources, job.limits))
    functions = [probe for probe in job.probes if probe.kind == "calls"]
    inside = with_tests(job)
    first = sit(inside, ask=functions, practice=practice, slot=slot, seat=seat)
    second = _again(inside, first, functions, practice, slot, seat)
    calls = dict(first.calls) | (second.calls if second else {})
    evidence: dict[str, Evidence] = {}
    artefacts: dict[str, bytes] = {}
    starved = first.starved or (second is not None and second.starved) or _crowded_out(first, slot)
    cpu = first.cpu_seconds + (second.cpu_seconds if second else 0.0)
    for probe in job.probes:
        answer = first.answers.get(probe.exercise)
        if probe.kind == "text":
            found = _text(job, probe)
        elif probe.kind == "cell":
            found = _cell(job, probe, first)
        elif answer is None:
            found = _unanswered(probe, first, quotable=not job.tests)
        elif probe.kind == "calls":
            found = _calls(probe, answer, calls.get(probe.exercise), first.end)
        elif probe.kind == "model":
            seat.take()
            found, made = _model(job, probe, answer, artefacts, practice)
            cpu, starved = cpu + made.cpu_seconds, starved or made.starved
        else:
            found = _value(answer, job.limits.value_mb * 2**20)
        evidence[probe.exercise] = _addressed(found, probe)
    for answer in first.answers.values():
        if answer.file is not None:
            answer.file.close()
    with speaking(job.language):
        remarks = (*given.remarks, *_remarks(first, job, slot))
    return Run(
        job.id, evidence, _executed(job, first), remarks, artefacts, tier.name,
        round(first.seconds + (second.seconds if second else 0.0), 3), round(cpu, 3), starved=starved,
    )  # fmt: skip


def _again(
    job: Job, first: Sitting, functions: list[Probe], practice: bool, slot: Slot | None, seat: Seat
) -> Sitting | None:
    """The kernel died with questions open: once more, up to and without the cell that killed it."""
    if first.end is None:
        return None
    handed = [p for p in functions if (a := first.answers.get(p.exercise)) is not None and a.kind == "function"]
    # What was handed in by the cell that killed the kernel cannot be had without running that cell.
    stop = first.end.cell
    reachable = [p for p in handed if stop is None or (first.answers[p.exercise].cell or 0) < stop]
    open_ = [p for p in reachable if None in first.calls.get(p.exercise, [None])]
    if not open_:
        return None
    second = sit(job, ask=open_, done=first.calls, stop_before=stop, practice=practice, slot=slot, seat=seat)
    for answer in second.answers.values():
        if answer.file is not None:
            answer.file.close()
    return second


def _addressed(found: Evidence, probe: Probe) -> Evidence:
    return replace(found, probe=probe.digest)


def _text(job: Job, probe: Probe) -> Evidence:
    """Read from the notebook by us: no student code takes part."""
    for index, cell in enumerate(cells_of(job.notebook)):
        if _grade_id(cell) == probe.exercise:
            return Evidence("ok", _source(cell), facts={"cell": index})
    return Evidence("missing", detail="no such cell")


def _cell(job: Job, probe: Probe, sitting: Sitting) -> Evidence:
    """How a cell of tests ended, and its last result. A kernel can lie about both, as it can about any answer."""
    place = next((i for i, cell in enumerate(sitting.cells) if _grade_id(cell) == probe.exercise), None)
    end = sitting.end
    if place is None or (end is not None and end.cell is not None and end.cell <= place):
        return _unanswered(probe, sitting, quotable=False)
    cell, facts = sitting.cells[place], {"cell": place}
    if place in sitting.late:
        return Evidence("timeout", detail="the tests used up their time", facts=facts)
    error = sitting.ended.get(place, "" if not _source(cell).strip() else None)
    if error is None:
        return Evidence("missing", detail="the cell did not run", facts=facts)
    if error:
        return Evidence("raised", detail=error, facts=facts)
    if was_cut(cell) or place in sitting.cut:  # a result among what is missing would be points
        return Evidence("output", detail="the output of the tests was cut", facts=facts)
    return Evidence("ok", {"result": result(cell)}, facts=facts)


def _value(answer: Answer, limit: int) -> Evidence:
    if answer.kind != "value":
        return Evidence("unreadable", variant=answer.variant, detail=f"a {answer.kind}", facts=_facts(answer))
    found = answer.evidence(limit)
    answer.body = b""  # held once, not twice
    return found


def _calls(probe: Probe, answer: Answer, results: list[Evidence | None] | None, end: End | None) -> Evidence:
    if answer.kind != "function":
        detail = answer.detail or "not a function"
        return Evidence("unreadable", variant=answer.variant, detail=detail, facts=_facts(answer))
    status = end.status if end else "crashed"
    unasked = Evidence(status, detail="its kernel died first")
    asked = results or [None] * len(probe.calls)
    return Evidence(
        "ok", calls=tuple(found or unasked for found in asked), variant=answer.variant, facts=_facts(answer)
    )


def _model(
    job: Job, probe: Probe, answer: Answer, artefacts: dict[str, bytes], practice: bool
) -> tuple[Evidence, predictor.Prediction]:
    facts = _facts(answer) | ({"history": answer.history} if answer.history else {})
    if answer.kind != "model" or answer.file is None:
        detail = answer.detail or "not a model"
        found = Evidence("unreadable", variant=answer.variant, detail=detail, facts=facts)
        return found, predictor.Prediction("missing")
    made = predictor.predict(answer.file, probe, job.limits, practice, job.warm, job.resources.backend)
    name = ""
    if made.status == "ok":
        name = f"{probe.exercise}.keras"
        answer.file.seek(0)
        artefacts[name] = answer.file.read()
    evidence = Evidence(
        made.status,
        made.predictions,
        tuple(Evidence("raised", detail=r) if isinstance(r, str) else Evidence("ok", r) for r in made.results),
        variant=answer.variant,
        detail=made.detail,
        facts=facts | dict(made.facts),
        artefact=name,
    )
    return evidence, made


def _unanswered(probe: Probe, sitting: Sitting, *, quotable: bool) -> Evidence:
    """Never answered; or never reached, because something before used up what there was, or ended in an error.

    quotable: nothing hidden was in the kernel while cells ran, so that an error's words can give nothing away.
    """
    cells = sitting.cells
    check = next((i for i, cell in enumerate(cells) if _grade_id(cell) == probe.exercise), None)
    end = sitting.end
    if check is None:
        return Evidence("missing", detail="no check cell")
    if end is not None and end.cell is not None and end.cell <= check:
        status = end.status
        return Evidence(status, detail=f"cell {end.cell}: {end.detail}", facts={"cell": check})
    earlier = [i for i, cell in enumerate(cells[:check]) if _grade_id(cell) and _locked(cell)]
    since = max(earlier, default=-1)
    if any(since < cell <= check for cell in sitting.late):
        return Evidence("timeout", detail="a cell used up its time", facts={"cell": check})
    errors = (sitting.ended.get(cell, "") for cell in range(since + 1, check))
    # The first one: where several cells stop, the others lack what it would have made.
    if error := next((e for e in errors if e and not e.startswith(UNTOUCHED)), ""):
        return Evidence("raised", detail=error, facts={"cell": check, "quotable": quotable})
    return Evidence("missing", detail=_error(sitting.cells[check]), facts={"cell": check})


def _facts(answer: Answer) -> dict[str, Any]:
    return {} if answer.cell is None else {"cell": answer.cell}


def _source(cell: Any) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _nbgrader(cell: Any) -> Mapping[str, Any]:
    data = (cell.get("metadata") or {}).get("nbgrader")
    return data if isinstance(data, dict) else {}


def _grade_id(cell: Any) -> str | None:
    return _nbgrader(cell).get("grade_id")


def _locked(cell: Any) -> bool:
    """A check cell, as against the cell in which its answer is worked out."""
    return bool(_nbgrader(cell).get("grade"))


def _error(cell: Any) -> str:
    """The name of the error that a check cell ended in; as reported, for the words of staff."""
    for output in cell.get("outputs", []):
        if output.get("output_type") == "error":
            return words(output.get("ename"), 80)
    return ""


def _asked(sitting: Sitting) -> dict[int, oom.Asked]:
    """By cell: what a library says that it had no memory for."""
    found = {}
    for index, error in sitting.ended.items():
        outputs = sitting.cells[index].get("outputs", [])
        whole = [str(o.get("evalue", "")) for o in outputs if o.get("output_type") == "error"]
        if asked := oom.asked("\n".join((error, *whole))):
            found[index] = asked
    return found


def _crowded_out(sitting: Sitting, slot: Slot | None) -> bool:
    """Whether a GPU had no room for what was within its share: a neighbour had more than its own, for a moment. As the
    kernel says it; all that comes of it is another run."""
    if slot is None:
        return False
    asked = (a for a in _asked(sitting).values() if a.on_gpu is not False)
    return any(sitting.gpu_mb + a.size // 2**20 < slot.memory_mb for a in asked)


def _remarks(sitting: Sitting, job: Job, slot: Slot | None) -> tuple[Remark, ...]:
    found = [told.late(sitting.cells[index], index, job.limits) for index in sorted(sitting.late)]
    asked = _asked(sitting)
    for index, error in sitting.ended.items():
        cell = sitting.cells[index]
        if index in asked:
            found.append(told.out_of_memory(asked[index], cell, index, job.limits, slot, sitting.gpu_mb))
        elif error.startswith(told.REFUSED):
            found.append(told.refused(cell, index, job.limits))
    if sitting.crowded:
        found.append(told.crowded(job.limits))
    if sitting.full or any(told.FULL in error for error in sitting.ended.values()):
        found.append(told.full(job.limits))
    return (*found, *told.ended(sitting.end, job.limits, sitting.cells, slot))


def _executed(job: Job, sitting: Sitting) -> bytes:
    notebook = json.loads(job.notebook)
    notebook["cells"] = shown(sitting.cells, job)
    # Indented it would be written by Python's own code, and take as long as ten cells.
    return json.dumps(notebook, ensure_ascii=False).encode("utf-8", "replace")
