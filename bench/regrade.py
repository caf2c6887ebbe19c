"""A key, a tolerance, a misconception or a rubric is corrected: how long until a class is judged again?

    python -m bench.regrade                                  40 students of arithmetic, 11 exercises: under a minute
    python -m bench.regrade --students 1000                  a large class: two minutes
    python -m bench.regrade --assignment blocks --each       each exercise of another assignment, judged anew

Whole commands are timed, from the shell to the gradebook. CPU is that of the command, which on a busy machine tells
more than the clock. The class is made up (bench/crowd.py): no notebook is run, neither before nor by what is timed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from autograder.course import Course, find_root
from bench.crowd import command, hand_in, heading, keep_runs, released

EDITS = (
    ("a tolerance", "arithmetic/memory_predict", "relative=0.01", "relative=0.05"),
    ("a misconception", "arithmetic/memory_train", "(*IN_TRAINING, *ROUNDING)", "IN_TRAINING"),
    ("a key, for some", "arithmetic/output_shape", "key=output_shape,",
     "key=lambda params, slips: (1, 1, 1) if params['height'] % 5 == 0 else output_shape(params, slips),"),
    ("a key, for all", "arithmetic/parameters", "key=count_parameters,",
     "key=lambda params, slips: 1 + count_parameters(params, slips),"),
    ("a rubric", "arithmetic/why_more", "says that what is kept grows", "says that all of this grows"),
    ("what all exercises share", "_lib/stack", "You counted a single image.", "You counted one image."),
)  # fmt: skip
"""What is corrected, in which file of course/, and how."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="arithmetic")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--each", action="store_true", help="have each file of the assignment judged anew, in turn")
    parser.add_argument("--keep", type=Path, help="make the class here, and leave it for another time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(asked, asked.keep or Path(scratch))


def run(asked: argparse.Namespace, folder: Path) -> None:
    name, students = asked.assignment, [f"student{number:05}" for number in range(asked.students)]
    course = released(find_root(Path.cwd()), folder / "course", name)
    hand_in(course, name, students)
    keep_runs(course, name, students)
    heading("nbgrader", "sqlalchemy", "numpy")
    print(f"{len(students):,} students, {name}: {len(course.assignment(name).exercises)} exercises")
    print(f"{'':<44} {'seconds':>8} {'CPU':>6}")
    shown("autograder grade, everything kept", course, "grade", name)
    shown("autograder grade, nothing new", course, "grade", name)
    hand_in(course, name, students[:1], " (again)")
    keep_runs(course, name, students[:1])
    shown("autograder grade, one handed in again", course, "grade", name)
    shown("autograder rejudge, nothing new", course, "rejudge", name)
    if asked.each:
        for path in sorted((course.root / "course" / name).glob("*.py")):
            if not path.name.startswith("_"):
                path.write_text(f"{path.read_text()}\n# judged anew\n")
                shown(f"rejudge, {path.stem}", course, "rejudge", name)
    else:
        for words, file, old, new in EDITS:
            path = course.root / "course" / f"{file}.py"
            text = path.read_text()
            assert text.count(old) == 1, f"{path} has changed: correct EDITS"
            path.write_text(text.replace(old, new))
            shown(f"rejudge --dry-run, {words}", course, "rejudge", name, "--dry-run")
            shown(f"rejudge, {words}", course, "rejudge", name)
    shown("autograder grade after it, nothing new", course, "grade", name)


def shown(words: str, course: Course, *arguments: str) -> None:
    took = command(course.root, *arguments)
    print(f"{words:<44} {took.seconds:8.1f} {took.cpu:6.1f}   {took.said}", flush=True)


if __name__ == "__main__":
    main()
