"""nbgrader autograde: the doctor in front, our pipeline in place of Execute and SaveAutoGrades."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import ipynb, pipeline
from autograder.doctor import blank, repair
from autograder.errors import AutograderError, NotebookError
from autograder.nbgrader_ext.gradebook import NbgraderGradebook
from autograder.nbgrader_ext.places import course_of, folder, root_of
from autograder.release import Releases, newest
from autograder.submission import named_as_released, read_submission


class LostError(AutograderError):
    """Grading failed on our side. Raised so that nbgrader reports the submission and goes on with the others."""


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook as bytes and repairs it, where nbgrader would give up on the file."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        course = course_of(self)
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        path = Path(filename)
        if path.parent != folder(course, "submitted", student, assignment):
            return super().from_filename(filename, resources=resources, **kw)  # our own, on its second way through
        submission = read_submission(root_of(course), assignment, student)
        release = Releases(root_of(course) / "records", assignment).held(student, submission.notebooks).fetched
        submission, renamed = named_as_released(submission, release.notebooks)
        try:
            if path.stem not in submission.notebooks:
                raise NotebookError(submission.refused.get(path.name, "it was not submitted"))
            repaired = repair(submission.notebooks[path.stem], release, path.stem)
        except NotebookError as error:
            repaired = blank(release, path.stem, str(error))
        for remark in (*renamed, *repaired.repairs):
            self.log.warning("%s, %s: %s", student, path.name, remark.staff)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(nbformat.from_dict(repaired.notebook), resources=resources, **kw)


class Grade(NbGraderPreprocessor):
    """Runs, judges and records the submission, and hands back its executed notebook.

    An assignment of several notebooks comes here once for each; what was run is kept, so it runs once.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course = course_of(self)
        info = resources["nbgrader"]
        graded = pipeline.grade_one(root_of(course), info["assignment"], info["student"])
        with NbgraderGradebook.of(self) as book:
            book.record([graded])
        if graded.report.lost is not None:
            raise LostError(
                f"The grading of {info['assignment']} by {info['student']} failed on our side: {graded.report.lost}. "
                "No score was changed. Run the same command again."
            )
        executed = graded.executed.get(info["notebook"])
        if executed is not None:
            nb = nbformat.from_dict(ipynb.read(executed, limit=2**31))
        return nb, resources


def expect_released_notebooks(*, assignment: str, notebooks: list[str], **_: object) -> None:
    """Where a student's notebook has another name than the released ones, put the released names in their place.

    A hook of nbgrader's, which would otherwise skip the notebook; ours finds it, or says what is missing. The list is
    the converter's own, so it is changed in place.
    """
    place = Path(notebooks[0]).parent
    root = next(folder for folder in place.parents if (folder / "records").is_dir())
    released = newest(root / "records", place.name).notebooks
    if not all(Path(found).stem in released for found in notebooks):
        notebooks[:] = [str(place / f"{name}.ipynb") for name in released]
