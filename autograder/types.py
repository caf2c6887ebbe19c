"""The nouns that travel: Variant -> Probe -> Evidence -> Verdict -> Report, and the Job and Run that carry them.

All of them are frozen values without behaviour worth the name. Nothing here does I/O or imports a framework.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from handin.wire import Plain as Plain  # None, bool, int, float, str, list, tuple, dict[str, Plain], numpy.ndarray
from handin.words import ENGLISH

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Params = Mapping[str, Any]
"""One student's parameters; JSON values only, because they are released."""

Slips = frozenset[str]
"""Ids of the mistakes to make on the way to a key; empty for the right key."""

SETTINGS = ("full", "small")
"""Of a course: all of its data, or so little that a demo ends in minutes. Thresholds are set for each."""

TIERS = ("landlock", "bwrap", "bwrap-root")
"""What a course may demand of the machine that runs student code, from the least: see docs/security.md."""

BACKENDS = ("tensorflow", "jax", "torch")
"""What Keras may compute with."""

FALLBACKS = ("wait", "cpu", "refuse")
"""What becomes of a run that has no GPU yet. wait: it waits where all are busy, and takes the CPU where there is none
for it; cpu: it takes the CPU at once; refuse: it waits, and is not run where there is none."""

Status = Literal[
    "ok",  # a value came back
    "missing",  # the student never answered
    "raised",  # the student's code raised; detail names the exception type
    "timeout",  # used up its time
    "memory",  # used up its memory
    "disk",  # made more files than it may
    "output",  # flooded its output
    "crashed",  # its kernel died
    "unreadable",  # what came back is no plain value, or too large
    "refused",  # a model file that is not opened: detail says why, a person looks
    "ambiguous",  # a person must say what was meant
]
"""A student's failure is data: one of these words inside Evidence. Ours is Run.lost."""


@dataclass(frozen=True)
class HiddenSet:
    """Hidden inputs of a data pack. The path goes into the second sandbox; the labels never leave the grader."""

    name: str
    setting: str  # "full", or "small" for a demo: checkers look thresholds up by it
    images: Path  # .npy, float32 or uint8, first axis is n
    labels: Any  # ndarray, n long
    digest: str
    extras: Mapping[str, Any] = field(default_factory=dict)  # what else a judge must know, such as a backbone's weights
    half: int | None = None  # of which is judged, where there is feedback on one and the other is for the end

    def judged(self, rows: Any) -> Any:
        """Return those that count, of an array with a row for each input. A model predicts all of them at once."""
        return rows if self.half is None else rows[self.half :: 2]


@dataclass(frozen=True)
class Variant:
    """One student's own copy of an exercise."""

    exercise: str
    params: Params
    key: Any
    digest: str  # of exercise id and params: public, travels with each answer
    seed: int = 0  # secret: for hidden inputs that differ from variant to variant
    hidden: HiddenSet | None = None


@dataclass(frozen=True)
class Call:
    """One call of a student's function on hidden inputs."""

    args: tuple[Plain, ...] = ()
    kwargs: Mapping[str, Plain] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By name: laid into a folder of their own in the sandbox, whose path (a str) comes before args. A reference
    function is given this mapping instead of the path."""


@dataclass(frozen=True)
class Probe:
    """What is asked of the student's kernel. Holds questions only: never a key, label, tolerance or score."""

    exercise: str
    kind: Literal["text", "value", "calls", "model", "cell"]
    variant: str  # Variant.digest
    calls: tuple[Call, ...] = ()
    call_seconds: float = 5.0
    images: Path | None = None  # a model predicts these ...
    images_digest: str = ""
    inputs: tuple[Plain, ...] = ()  # ... and these arrays, each of which is a batch; small ones
    fill: int | None = None  # with weights drawn under this seed, as handin.weights draws them; None: with its own
    pick: bool = False  # of the predictions, the place of the largest number along the last axis alone comes back
    max_parameters: int | None = None
    numbers: int = 100_000  # that a prediction may have for one image; what has more is no answer to this question

    @cached_property
    def digest(self) -> str:
        """Of everything that is asked; evidence whose digest is another needs a new run."""
        from autograder.digest import digest

        return digest(
            [self.exercise, self.kind, self.variant, [_asked(c) for c in self.calls],
             self.images_digest, self.max_parameters, *self._of_models]
        )  # fmt: skip

    @property
    def _of_models(self) -> list[Any]:
        """Only where there is any: evidence that is kept stays valid."""
        return [list(self.inputs), self.fill, self.pick] if self.inputs or self.pick else []


def _asked(call: Call) -> list[Any]:
    asked: list[Any] = [list(call.args), dict(call.kwargs)]
    return [*asked, dict(call.files)] if call.files else asked


@dataclass(frozen=True)
class Evidence:
    """What came back from a sandbox. Untrusted: a forged one is just another answer."""

    status: Status
    value: Plain = None  # of kind text: the source; value: the value; model: predictions, n rows; cell: {"result": x}
    calls: tuple[Evidence, ...] = ()  # one for each of Probe.calls, or of Probe.inputs, in order
    probe: str = ""  # digest of the probe it answers
    variant: str | None = None  # digest of the variant that the student's kernel says it answers
    detail: str = ""  # for staff and for canned words; never shown raw to a student
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Plain values. Of a model: parameters, input_shape, output_shape, layers (as the second sandbox found them:
    autograder/network.py), and history "as reported" by the student's kernel. Of any kind: cell (index of the check
    cell). Of one call of a function: changed, where the function wrote into what it was given."""
    artefact: str = ""  # name of a file kept beside the evidence, e.g. "classifier.keras"


@dataclass(frozen=True)
class Given:
    """What a person gave for one answer."""

    points: float
    outdated: bool  # for another answer than is there now: somebody must look again


@dataclass(frozen=True)
class Unfit:
    """Why what an author's key returns is no answer to the question, to be read after "`key` returns"; and the
    remedy."""

    problem: str
    remedy: str


@dataclass(frozen=True)
class Verdict:
    """score is a fraction 0..1; None where a person must look."""

    score: float | None
    message: str  # for the student: plain, kind, never reveals the key
    note: str = ""  # for staff only
    read: str = ""  # how the answer was read: "12.6 MB = 12,600,000 bytes"
    misconception: str | None = None  # id, or two ids joined by "+"
    next: str = ""  # what to look at next
    facts: Mapping[str, Any] = field(default_factory=dict)  # for pictures: accuracy, low, high, n, steps, history ...
    needs_run: bool = False  # the evidence answers an older question
    failed: bool = False  # our own failure: score is None, and it costs nobody a point


@dataclass(frozen=True)
class Misconception:
    """A known wrong way to derive the key.

    Without a key of its own it is a slip: the exercise's key is called as key(params, frozenset({id})), and slips of
    one exercise combine. With one, key(params) is the wrong key as it stands.
    """

    id: str
    message: str  # what the student is told: why it is wrong, never the right value
    next: str = ""
    key: Callable[[Params], Any] | None = None


@dataclass(frozen=True)
class Limits:
    """What one notebook may use. The numbers are shown to students."""

    cell_seconds: float = 120.0  # wall clock of one cell
    seconds: float = 600.0  # wall clock of all cells
    cpu_seconds: float = 1200.0  # CPU time of all processes; this is what scores
    memory_mb: int = 4096
    processes: int = 256
    disk_mb: int = 512  # home, /tmp and /dev/shm, each
    files: int = 100_000  # that may lie there, folders too
    open_files: int = 1024
    output_kb: int = 1024  # shown of one cell; the rest is cut
    flood_mb: int = 16  # of all messages; past it the kernel is stopped
    answers: int = 20_000  # messages that hand something in
    value_mb: int = 4  # one answer
    model_mb: int = 256  # one model file
    predict_seconds: float = 120.0


@dataclass(frozen=True)
class Resources:
    """What an assignment asks of the machine beside its limits: docs/gpu.md."""

    gpu: float = 0.0  # share of one GPU, to 1; above that, how many whole ones
    gpu_memory_mb: int | None = None  # for tensors, on each; None: as much of its memory as of the GPU
    minutes: float | None = None  # wall clock on a GPU; None: as without one
    fallback: Literal["wait", "cpu", "refuse"] = "wait"
    backend: str = BACKENDS[0]

    @property
    def computed(self) -> list[Any]:
        """What of it changes what comes of a run; nothing where nothing is asked for: what is kept stays valid."""
        gpu = [self.gpu_memory_mb, self.minutes] if self.gpu else []
        return [*gpu, *([self.backend] if self.backend != BACKENDS[0] else [])]


@dataclass(frozen=True)
class Job:
    """One notebook to run. No key, no label, no other student in it."""

    id: str  # "assignment/student/notebook"
    notebook: bytes  # repaired, nbformat 4 JSON
    user: str
    probes: tuple[Probe, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)  # released files that lie beside the notebook
    limits: Limits = field(default_factory=Limits)
    packs: tuple[Path, ...] = ()  # read-only data folders for the kernel
    key: str = ""  # of the cache
    tier: str = TIERS[0]  # the least that it may run in
    warm: bool = False  # it may be forked from a process that has imported what it will import
    resources: Resources = field(default_factory=Resources)
    tests: Mapping[str, str] = field(default_factory=dict)
    """By grade id: what a graded cell runs in place of its text, where nbgrader's hidden tests belong into it."""
    language: str = ENGLISH  # that remarks are made in; not in the key, for nothing runs otherwise because of it


@dataclass(frozen=True)
class Remark:
    """Something that happened to a submission: a repair, a cut output, a limit."""

    student: str  # words for the student; "" if it is for staff only
    staff: str
    cell: int | None = None


@dataclass(frozen=True)
class Run:
    """What came of a Job. lost is our failure: no evidence is judged then, nobody loses a point."""

    job: str
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    notebook: bytes = b""  # executed, for people to look at
    remarks: tuple[Remark, ...] = ()
    artefacts: Mapping[str, bytes] = field(default_factory=dict)  # name -> model file
    tier: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    lost: str | None = None
    starved: bool = False
    """The clock ended something that had waited long for a processor, or a GPU had no room for what was within its
    share: on an idle machine it may come out otherwise."""


@dataclass(frozen=True)
class Receipt:
    sha256: str  # of the submitted files
    received: str  # our clock, ISO 8601 UTC
    answers: tuple[str, ...] = ()  # ids of the exercises whose answer was seen


@dataclass(frozen=True)
class Report:
    """All verdicts of one submission."""

    assignment: str
    student: str
    verdicts: Mapping[str, Verdict]
    points: Mapping[str, float]
    titles: Mapping[str, str]
    remarks: tuple[Remark, ...] = ()
    receipt: Receipt | None = None
    tier: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    lost: str | None = None
    release: str = ""
    absent: tuple[str, ...] = ()  # exercises that were added after the student fetched: not asked, not counted
    final: bool = False  # judged on the hidden inputs that are kept for the end

    @property
    def score(self) -> float:
        """Points, with what waits for a person counted as nothing yet."""
        return sum((v.score or 0.0) * self.points[e] for e, v in self.verdicts.items())

    @property
    def max_score(self) -> float:
        return sum(self.points.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """Exercises that wait for a person."""
        return tuple(e for e, v in self.verdicts.items() if v.score is None)
