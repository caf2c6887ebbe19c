"""How long people wait before anything happens: an import in a notebook, a command's help, a release.

    python -m bench.startup --rounds 5 --assignments arithmetic mnist

`build` and `release` are what staff do after each change: `autograder build`, and nbgrader's generate_assignment, in a
course whose gradebook is there already; `first release` is in one that has none. The whole course is built once from
nothing, once where nothing has changed. `grade` finds that nothing has changed in a class of 20.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.course import find_root, load_course
from autograder.demo.scratch import make_course
from bench.compare import Spent, figure, kernel_python, machine, median, say, show, spent
from bench.crowd import hand_in, keep_runs, released

REPOSITORY = find_root(Path(__file__).parent)
FOREIGN = ("tensorflow", "keras", "nbgrader", "autograder")  # nothing that a student's import may bring along
FEW = 15  # times at least for what takes hundredths of a second: it is told from the start of Python alone
_IMPORT = "import sys, handin; sys.exit(', '.join({0!r} & sys.modules.keys()) or 0)"
_CLI = (sys.executable, "-m", "autograder.cli")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--assignments", nargs="*", default=["arithmetic", "mnist"])
    asked = parser.parse_args()
    say(machine())
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        python, brought = str(kernel_python()), _IMPORT.format(set(FOREIGN))
        often = max(asked.rounds, FEW)
        bare = _often(often, lambda: spent([python, "-c", "pass"], scratch)[0])
        whole = _often(often, lambda: spent([python, "-c", brought], scratch)[0])
        rows.append(("import handin", Spent(whole.wall - bare.wall, whole.cpu - bare.cpu), 0.3))
        rows.append(("autograder --help", _often(asked.rounds, lambda: spent([*_CLI, "--help"], scratch)[0]), 0.3))
        for name in asked.assignments:
            rows += _release(scratch / name, name, asked.rounds)
        rows += _whole(scratch / "whole", asked.rounds)
        rows.append(("autograder grade, nothing to do", _unchanged(scratch / "class", asked.rounds), 2.0))
    for what, cost, most in rows:
        if not what.endswith((": build", "release")) or what.endswith("build and release"):
            figure(what, cost.wall, "s", f"under {most:g} s")
    show(
        f"medians of {asked.rounds}", ["", "wall s", "CPU s", "wanted s"],
        [[what, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{most:g}"] for what, cost, most in rows],
    )  # fmt: skip


def _often(rounds: int, run: Callable[[], Spent]) -> Spent:
    costs = [run() for _ in range(rounds)]
    return Spent(median(c.wall for c in costs), median(c.cpu for c in costs))


def _release(scratch: Path, name: str, rounds: int) -> list[tuple[str, Spent, float]]:
    found: dict[str, list[Spent]] = {"build": [], "release": [], "first release": []}
    for number in range(rounds):
        root = make_course(load_course(REPOSITORY), scratch / str(number), "small").root
        generate = [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--create", "--force"]
        found["build"].append(spent([*_CLI, "build", name], root)[0])
        found["first release"].append(spent(generate, root)[0])
        found["release"].append(spent(generate, root)[0])
        shutil.rmtree(root)
    both = [a + b for a, b in zip(found["build"], found["release"], strict=True)]
    steps = {"build and release": both, **found}
    return [
        (f"{name}: {what}", Spent(median(c.wall for c in costs), median(c.cpu for c in costs)), 5.0)
        for what, costs in steps.items()
    ]


def _whole(scratch: Path, rounds: int) -> list[tuple[str, Spent, float]]:
    """Build all assignments: where no pool was drawn yet, and once more."""
    root = make_course(load_course(REPOSITORY), scratch, "small").root
    first, again = [], []
    for _ in range(rounds):
        shutil.rmtree(root / "records" / "pools", ignore_errors=True)
        first.append(spent([*_CLI, "build"], root)[0])
        again.append(spent([*_CLI, "build"], root)[0])
    return [
        (f"the course: build, {what}", Spent(median(c.wall for c in costs), median(c.cpu for c in costs)), 5.0)
        for what, costs in (("all drawn", first), ("nothing changed", again))
    ]


def _unchanged(scratch: Path, rounds: int) -> Spent:
    course = released(REPOSITORY, scratch, "arithmetic")
    students = [f"student{number:02}" for number in range(20)]
    hand_in(course, "arithmetic", students)
    keep_runs(course, "arithmetic", students)
    grade = [*_CLI, "grade", "arithmetic"]
    spent(grade, course.root)
    return _often(rounds, lambda: spent(grade, course.root)[0])


if __name__ == "__main__":
    main()
