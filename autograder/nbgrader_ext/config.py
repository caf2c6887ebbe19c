"""What nbgrader_config.py needs: the seams of nbgrader 0.9 set to our classes."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

_OURS = "autograder.nbgrader_ext"
_NBGRADER = "nbgrader.preprocessors"


def configure(c: Any, file: str | Path | None = None) -> None:
    """Set up nbgrader for a course of ours. c is nbgrader's configuration, file the path of nbgrader_config.py.

    The folder of file becomes the course's root, so that commands work from anywhere. What c already says of
    course_id stays. Anything may be overridden after the call.
    """
    from autograder.nbgrader_ext.places import survive_timestamps

    find_alembic()
    survive_timestamps()
    if file is not None:
        root = Path(file).resolve().parent
        c.CourseDirectory.root = str(root)
        if "course_id" not in c.CourseDirectory and (name := _course_id(root)):
            c.CourseDirectory.course_id = name

    c.GenerateAssignment.preprocessors = [
        f"{_NBGRADER}.IncludeHeaderFooter",
        f"{_NBGRADER}.LockCells",
        f"{_OURS}.assign.ClearSolutions",
        f"{_NBGRADER}.ClearOutput",
        f"{_NBGRADER}.CheckCellMetadata",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_OURS}.assign.SaveCells",
        f"{_NBGRADER}.ClearHiddenTests",
        f"{_NBGRADER}.ClearMarkScheme",
        f"{_NBGRADER}.ComputeChecksums",
        f"{_NBGRADER}.CheckCellMetadata",
        f"{_OURS}.assign.KeepRelease",
        f"{_OURS}.assign.ShowDates",
    ]

    # The doctor works on bytes, so it sits where the file is read. AssignLatePenalties is called by our gradebook,
    # in the transaction that writes the scores: whichever command grades, the penalty is the same.
    c.Autograde.exporter_class = f"{_OURS}.autograde.SubmissionExporter"
    c.Autograde.pre_convert_hook = f"{_OURS}.autograde.expect_released_notebooks"
    c.Autograde.sanitize_preprocessors = [f"{_NBGRADER}.CheckCellMetadata"]
    c.Autograde.autograde_preprocessors = [f"{_OURS}.autograde.Grade", f"{_NBGRADER}.CheckCellMetadata"]

    c.GenerateFeedback.exporter_class = f"{_OURS}.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = []

    # The formgrader makes a bare HTMLExporter of this configuration; nothing else of nbgrader's is left to.
    c.HTMLExporter.preprocessors = [f"{_OURS}.formgrader.ShowVerdicts"]
    c.HTMLExporter.filters = {"markdown2html": f"{_OURS}.formgrader.inert_markdown"}

    # Takes nothing from anybody else, and no time but our clock's.
    c.ExchangeFactory.collect = f"{_OURS}.collect.Collect"
    # Finds the way back to a notebook that was renamed.
    c.ExchangeFactory.release_feedback = f"{_OURS}.release_feedback.ReleaseFeedback"

    c.ExportApp.plugin_class = f"{_OURS}.export.CsvExport"


def find_alembic() -> None:
    """Put our environment's programs on PATH: nbgrader calls `alembic` by name when it makes a gradebook."""
    if shutil.which("alembic") is None:
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _course_id(root: Path) -> str:
    try:
        name = tomllib.loads((root / "course" / "course.toml").read_text("utf-8"))["course"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # `autograder check` tells what is wrong with the file
    return name if isinstance(name, str) else ""
