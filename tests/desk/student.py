"""A student in JupyterLab: nbgrader's Assignments list, with a home of its own, over a folder or over a desk."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.server_extensions.assignment_list.handlers import AssignmentList

OVER_FOLDER = """
c = get_config()
c.Exchange.root = {exchange!r}
c.Exchange.path_includes_course = True
c.CourseDirectory.student_id = {name!r}
"""
OVER_DESK = "from handin.exchange import configure; configure(get_config())\n"


class Student:
    """environment: what the hub sets in the student's server."""

    def __init__(self, name: str, home: Path, config: str, environment: dict[str, str], course: str = "tiny") -> None:
        self.name, self.home, self.course = name, home, course
        self.said: list[str] = []
        self._environment = {
            **environment, "JUPYTERHUB_USER": name, "JUPYTER_DATA_DIR": str(home / "data"), "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
        }  # fmt: skip
        (home / "config").mkdir(parents=True)
        (home / "config" / "nbgrader_config.py").write_text(config)

    @contextmanager
    def _server(self) -> Iterator[AssignmentList]:
        """What answers the buttons of the list, in the student's own environment."""
        before, here = dict(os.environ), Path.cwd()
        os.environ.update(self._environment)
        os.chdir(self.home)  # as a hub starts it
        try:
            listing = AssignmentList()
            listing.root_dir = str(self.home)
            listing.log.setLevel(logging.CRITICAL)
            yield listing
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def lists(self) -> Any:
        with self._server() as listing:
            return self._told(listing.list_assignments(course_id=self.course))

    def courses(self) -> Any:
        with self._server() as listing:
            return self._told(listing.list_courses())

    def fetches(self, assignment: str = "sums") -> Any:
        with self._server() as listing:
            return self._told(listing.fetch_assignment(self.course, assignment))

    def submits(self, assignment: str = "sums") -> Any:
        with self._server() as listing:
            return self._told(listing.submit_assignment(self.course, assignment))

    def fetches_feedback(self, assignment: str = "sums") -> Any:
        with self._server() as listing:
            return self._told(listing.fetch_feedback(self.course, assignment))

    def _told(self, answer: dict[str, Any]) -> Any:
        if not answer["success"]:
            self.said.append(answer["value"])
            return None
        return answer.get("value", True)

    @property
    def work(self) -> Path:
        return self.home / self.course / "sums"

    def answers(self, total: int) -> None:
        path = self.work / "sums.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        for cell in notebook["cells"]:
            if "".join(cell["source"]).startswith("total ="):
                cell["source"] = f"total = {total}"
        path.write_text(json.dumps(notebook), "utf-8")

    def at(self, address: str) -> None:
        """Look for desks elsewhere."""
        self._environment["AUTOGRADER_DESK"] = address
