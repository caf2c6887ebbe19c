"""How many submissions a minute: `autograder grade` beside nbgrader, Otter, and the least that is possible.

    python -m bench.throughput quiz --students 40                   a notebook that needs no TensorFlow
    python -m bench.throughput training --students 40 --seconds 1   one that trains a network, and hands in numbers
    python -m bench.throughput training --students 40 --model       ... and the network

All grade the same work in the same run, in turn, round after round; ratios are taken within a round, and their median
is shown. nbgrader and Otter as they come: unconfined, with their own machinery, nbgrader one submission after the other
as its command does, Otter in as many processes as ours has workers. For `training` every contestant's cells do the same
computation, of so many CPU seconds in a process that has TensorFlow already. The limit is just that: forks of such a
process, one for each submission, as many at a time as there are workers, without kernel, notebook or judge.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.cells import source
from autograder.course import find_root, load_course
from autograder.demo.scratch import make_course, nbgrader, release
from autograder.forms import CHECK
from autograder.store import Store
from bench import others, training
from bench.compare import Spent, figure, kernel_python, machine, median, say, show, spent

REPOSITORY = find_root(Path(__file__).parent)
CACHE = REPOSITORY / ".bench"
_FEW, _MANY = 2, 12  # epochs, to tell how long one takes


@dataclass(frozen=True)
class Contestant:
    name: str
    students: int
    run: Callable[[], Spent]


def work_asked(description: str | None, students: int) -> argparse.ArgumentParser:
    """Return a parser of what work is graded, by so many students if nothing else is said."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("quiz", "training"))
    parser.add_argument("--assignment", default="arithmetic", help="of the course, for quiz")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds of computation, for training")
    parser.add_argument("--model", action="store_true", help="the trained network is handed in, too")
    parser.add_argument("--students", type=int, default=students)
    return parser


def main() -> None:
    parser = work_asked(__doc__, students=40)
    parser.add_argument(
        "--theirs", type=int, help="fewer students for nbgrader, Otter and the cold start, which are slow"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--without", nargs="*", default=[], choices=("cold", "nbgrader", "otter", "limit"))
    asked = parser.parse_args()
    theirs = asked.theirs or asked.students

    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        say(machine())
        prepare = _quiz if asked.kind == "quiz" else _training
        what, field = prepare(asked, scratch, theirs)
        say(f"{what}; {asked.students} submissions ({theirs} for the slow ones), {asked.workers} workers")
        rounds = []
        for number in range(asked.rounds):
            rounds.append({c.name: c.run() / c.students for c in field if c.name not in asked.without})
            took = ", ".join(f"{name} {cost.wall:.2f} s" for name, cost in rounds[-1].items())
            print(f"round {number + 1}: {took} a submission", file=sys.stderr)
    compared(what, rounds, asked.kind)


def compared(title: str, rounds: Sequence[dict[str, Spent]], kind: str) -> None:
    """Print each contestant's cost, and ratios within a round."""
    rows = []
    for name in rounds[0]:
        wall = median(r[name].wall for r in rounds)
        row = [name, f"{wall:.2f}", f"{median(r[name].cpu for r in rounds):.2f}", f"{60 / wall:.1f}"]
        for other in ("nbgrader", "otter"):
            known = other in rounds[0]
            row.append(f"{median(r[other].wall / r[name].wall for r in rounds):.2f}" if known else "")
        if kind == "training":
            known = "limit" in rounds[0]
            row.append(f"{median(r[name].wall / r['limit'].wall for r in rounds):.2f}" if known else "")
        rows.append(row)
    ours = [r["ours, warm"].wall for r in rounds]
    for other, wanted in (("nbgrader", "at least 15" if kind == "quiz" else "at least 6"), ("otter", "")):
        if other in rounds[0]:
            ratio = median(r[other].wall / own for r, own in zip(rounds, ours, strict=True))
            figure(f"{title}: times the throughput of {other}", ratio, "", wanted)
    if "limit" in rounds[0]:
        ratio = median(own / r["limit"].wall for r, own in zip(rounds, ours, strict=True))
        figure(f"{title}: times the least time possible", ratio, "", "at most 1.3 with 3 s")
    columns = ["", "s each", "CPU s each", "a minute", "x nbgrader", "x Otter"]
    show(title, columns + (["time / limit"] if kind == "training" else []), rows)


# -- what is compared --------------------------------------------------------------------------------------------------


def _quiz(asked: argparse.Namespace, scratch: Path, theirs: int) -> tuple[str, list[Contestant]]:
    name = asked.assignment
    ours = make_course(load_course(REPOSITORY), scratch / "ours", "small")
    release(ours, name)
    plain = scratch / "plain"
    shutil.copytree(ours.root / "source" / name, plain / "source" / name)
    (plain / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "plain"\n')
    nbgrader(plain, "generate_assignment", name, "--create")
    shutil.copytree(ours.root / "solutions" / name, plain / "solutions" / name)
    tomls = {"warm": _toml(ours.root, True), "cold": _toml(ours.root, False)}
    field = _ours(ours.root, name, asked, theirs, lambda on: _write(ours.root, tomls["warm" if on else "cold"]))
    notebooks = [ours.root / "solutions" / name / f"{n}.ipynb" for n in ours.assignment(name).notebooks]
    tests, files = {}, []
    for path in notebooks:
        cells = [source(c) for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
        tests[path] = {f"q{i}": f"assert {answer} is not None" for i, answer in enumerate(_answers(cells))}
        files += [(path.stem, cells)]
    beside = ours.root / "solutions" / name / "questions.json"
    field += _theirs(asked, scratch, name, theirs, [(stem, cells, tests[path]) for (stem, cells), path in
                                                    zip(files, notebooks, strict=True)], beside)  # fmt: skip
    return f"quiz: {name}, {len(notebooks)} notebook{'s' if len(notebooks) > 1 else ''}", field


def _training(asked: argparse.Namespace, scratch: Path, theirs: int) -> tuple[str, list[Contestant]]:
    epochs, needs = calibrated(asked.seconds, asked.model)
    ours = training.make_ours(scratch / "ours", epochs, asked.model)
    training.make_plain(scratch / "plain", epochs, asked.model)
    name = training.NAME
    field = _ours(ours.root, name, asked, theirs, lambda on: training.warm(ours.root, on))
    cells = training.work(epochs, model=False)[: -len(training.tests(model=False))]
    field += _theirs(asked, scratch, name, theirs, [(name, cells, training.tests(asked.model))])
    work = training.work(epochs, asked.model)
    field.append(Contestant("limit", asked.students, lambda: limit([work], asked.students, asked.workers)[0]))
    say(f"training: {epochs} epochs; all cells take {needs:.2f} CPU s in a warm process")
    return f"training, {asked.seconds:g} s{', the model handed in' if asked.model else ''}", field


def _ours(
    root: Path, name: str, asked: argparse.Namespace, theirs: int, set_warm: Callable[[bool], None]
) -> list[Contestant]:
    submit(root, name, asked.students)

    def grade(warm: bool, students: int) -> Spent:
        set_warm(warm)
        chosen = [word for i in range(students) for word in ("--student", student(i))]
        command = [sys.executable, "-m", "autograder.cli", "grade", name, *chosen, "--force", "--json",
                   "--workers", str(asked.workers)]  # fmt: skip
        cost, _ = spent(command, root)
        reports = [r for r in Store(root).reports(name) if r.student in {student(i) for i in range(students)}]
        wrong = [r.student for r in reports if r.lost or any(v.score not in (1, None) for v in r.verdicts.values())]
        if wrong or len(reports) != students:
            raise SystemExit(f"We graded {len(reports)} of {students}, and not in full: {', '.join(wrong)}.")
        return cost + Spent(0, sum(r.cpu_seconds for r in reports))

    return [
        Contestant("ours, warm", asked.students, lambda: grade(True, asked.students)),
        Contestant("cold", theirs, lambda: grade(False, theirs)),
    ]


def _theirs(
    asked: argparse.Namespace, scratch: Path, name: str, students: int,
    notebooks: Sequence[tuple[str, list[str], dict[str, str]]], beside: Path | None = None,
) -> list[Contestant]:  # fmt: skip
    """notebooks: name, cells and tests for Otter. beside: a file that lies with them."""
    found = []
    if "nbgrader" not in asked.without:
        submit(scratch / "plain", name, students)
        environment = others.kernelspec(scratch / "jupyter")
        run = others.nbgrader_class
        found.append(Contestant("nbgrader", students, lambda: run(scratch / "plain", name, environment)))
    if "otter" not in asked.without:
        python = others.otter_environment(CACHE / "otter")
        pairs = []
        for stem, cells, tests in notebooks:
            folder = scratch / "otter" / stem
            zipped = others.otter_tests(folder, tests, python, beside)
            path = folder / f"{stem}.ipynb"
            path.write_text(json.dumps(others.otter_notebook(cells)))
            pairs += [(path, zipped)] * students
        run_otter = others.otter_class
        found.append(Contestant("otter", students, lambda: run_otter(python, pairs, asked.workers, scratch)))
    return found


def calibrated(seconds: float, model: bool) -> tuple[int, float]:
    """Return for how many epochs to train, and how many CPU seconds all cells then take."""
    _, each = limit([training.work(n, model) for n in (_FEW, _MANY)], 3, 1)
    few, many = (median(e["cpu"] for e in part) for part in (each[:3], each[3:]))
    one = (many - few) / (_MANY - _FEW)
    epochs = max(_FEW, _FEW + round((seconds - few) / one))
    return epochs, few + (epochs - _FEW) * one


def limit(cells: Sequence[list[str]], times: int, processes: int) -> tuple[Spent, list[dict[str, float]]]:
    task = {"each": list(cells), "times": times, "processes": processes}
    script = Path(__file__).with_name("limit.py")
    done = subprocess.run(
        [kernel_python(), "-I", script], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"The limit could not be measured:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return Spent(found["wall"], sum(e["cpu"] for e in found["each"])), found["each"]


# -- submissions -------------------------------------------------------------------------------------------------------


def student(number: int) -> str:
    return f"student{number:03}"


def submit(root: Path, name: str, students: int) -> None:
    for number in range(students):
        shutil.copytree(root / "solutions" / name, root / "submitted" / student(number) / name)


def _answers(cells: Sequence[str]) -> list[str]:
    """What a notebook's check cells hand in."""
    return [call.partition(",")[2].rpartition(")")[0].strip() for call in cells if CHECK.search(call)]


def _toml(root: Path, warm: bool) -> str:
    return (root / "course" / "course.toml").read_text().replace("[course]", f"[course]\nwarm = {str(warm).lower()}", 1)


def _write(root: Path, toml: str) -> None:
    (root / "course" / "course.toml").write_text(toml)


if __name__ == "__main__":
    main()
