"""nbgrader and Otter as they come, set up to grade the same submissions as we do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox import bubblewrap
from bench.compare import Spent, kernel_python, spent

OTTER = "otter-grader[grading]==7.0.0"
_GRADER = Path(__file__).with_name("otter_class.py")


# -- nbgrader ----------------------------------------------------------------------------------------------------------


def kernelspec(folder: Path) -> dict[str, str]:
    """The environment of an nbgrader whose kernel named python3 is the kernel environment's, as a hub sets it up."""
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(kernel_python()), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    return {**os.environ, "JUPYTER_PATH": str(folder), "JUPYTERHUB_USER": "student000"}


def nbgrader_class(root: Path, name: str, environment: Mapping[str, str]) -> Spent:
    """Autograde everything under submitted/, with full marks for everybody or a complaint."""
    cost, _ = spent([sys.executable, "-m", "nbgrader", "autograde", name, "--force"], root, environment)
    with sqlite3.connect(root / "gradebook.db") as book:
        (students,) = book.execute(
            "select count(distinct assignment_id || student_id) from submitted_assignment"
        ).fetchone()
        missing = book.execute(
            "select count(*) from grade join grade_cells on grade.cell_id = grade_cells.id "
            "where grade_cells.cell_type = 'code' and (auto_score is null or auto_score < max_score)"
        ).fetchone()[0]
    there = len(list((root / "submitted").iterdir()))
    if students != there or missing:
        raise SystemExit(f"nbgrader graded {students} of {there} submissions, and {missing} cells not in full.")
    return cost


# -- Otter -------------------------------------------------------------------------------------------------------------


def otter_environment(folder: Path) -> Path:
    """Return the Python of an environment with the kernel's packages and Otter; made once, by hard links."""
    python = folder / "bin" / "python"
    done = folder / ".made"
    made_of = f"{OTTER} on {bubblewrap.kernel_env().folder}"
    if done.exists() and done.read_text() == made_of:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Making an environment for Otter in {folder} (once, a minute or two) ...", file=sys.stderr)
    # pip replaces files and never writes into them, so what is linked stays as it is where it comes from.
    shutil.copytree(bubblewrap.kernel_env().folder, folder, symlinks=True, copy_function=_link)
    pip = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input", "install", OTTER]
    subprocess.run(pip, check=True)
    done.write_text(made_of)
    return python


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def otter_tests(folder: Path, tests: Mapping[str, str], python: Path, beside: Path | None = None) -> Path:
    """Return the autograder.zip of these tests: what each asserts, of the names that the notebook has made.

    beside: a file that lies with the notebook.
    """
    (folder / "tests").mkdir(parents=True)
    for name, code in tests.items():
        lines = "".join(f"    {line}\n" for line in code.splitlines())
        # Otter gives a test the names that its parameters ask for, and `env` all of them.
        (folder / "tests" / f"{name}.py").write_text(
            "from otter.test_files import test_case\n\nOK_FORMAT = False\nname = "
            f"{name!r}\npoints = 1\n\n\n@test_case()\ndef test_it(env):\n    globals().update(env)\n{lines}"
        )
    files = [shutil.copy(beside, folder)] if beside else []
    target = folder / "autograder.zip"
    subprocess.run(
        [python, "-m", "otter", "generate", "-t", folder / "tests", "-o", target, "--no-environment",
         "--no-requirements", "--no-config", *files],
        check=True, cwd=folder, capture_output=True,
    )  # fmt: skip
    return target


def otter_notebook(cells: Sequence[str]) -> dict[str, Any]:
    made: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for i, text in enumerate(cells)
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": made, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


def otter_class(python: Path, pairs: Sequence[tuple[Path, Path]], workers: int, cwd: Path) -> Spent:
    """Grade notebooks, each with its autograder.zip, several at a time."""
    task = {"pairs": [[str(notebook), str(tests)] for notebook, tests in pairs], "workers": workers}
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    cost, _ = spent([python, "-P", _GRADER, json.dumps(task)], cwd, environment | {"JUPYTERHUB_USER": "student000"})
    return cost
