"""nbgrader's formgrader without a Jupyter server: its pages and its requests, for an application that guards them.

A Jupyter server as the course's account would bring files, kernels and terminals along. Here are the handlers alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado import web

from autograder.nbgrader_ext.config import find_alembic
from autograder.nbgrader_ext.places import folder, survive_timestamps

ENTRANCE = r"/formgrader/?"
"""Not among the routes: it would run the nbgrader_config.py of any folder that a link names by ?path=."""

FILES = r"/formgrader/submissions/(.*)"


@dataclass(frozen=True)
class Route:
    pattern: str
    handler: type[web.RequestHandler]
    arguments: dict[str, Any]


class _Formgrader(FormgradeExtension):
    """Loads the course's own nbgrader_config.py, and no other of the folder that we stand in."""

    load_cwd_config = False
    debug = False  # would show the configuration, and with it the password of a database

    url_prefix = "."  # of links into a file browser, which is not here

    def init_syspath(self) -> None:
        pass


class OneBook:
    """A gradebook for each request: one that stayed open would go on showing what others have changed since."""

    _book: Gradebook | None = None

    @property
    def gradebook(self) -> Gradebook:
        if self._book is None:
            self._book = Gradebook(self.coursedir.db_url, self.coursedir.course_id)  # type: ignore[attr-defined]
        return self._book

    def on_finish(self) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None
        super().on_finish()  # type: ignore[misc]

    @property
    def api(self) -> NbGraderAPI:
        """As nbgrader's, which reads configuration again each time, from the folder that the server stands in."""
        return NbGraderAPI(self.coursedir, self.authenticator, parent=self.coursedir.parent)  # type: ignore[attr-defined]


class SubmissionFiles(web.StaticFileHandler, BaseHandler):
    """What a student handed in beside the notebook. nbgrader serves whatever of the course a path of dots leads to."""

    def initialize(self) -> None:  # type: ignore[override]
        super().initialize(self.coursedir.root)

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        return path

    def parse_url_path(self, url_path: str) -> str:
        submission_id, _, path = url_path.partition("/")
        try:
            submission = self.gradebook.find_submission_notebook_by_id(submission_id)
        except handlers.MissingEntry:
            raise web.HTTPError(404) from None
        student, assignment = submission.student.id, submission.assignment.assignment.name
        self.root = str(folder(self.coursedir, "autograded", student, assignment).resolve())
        return str((Path(self.root) / path.lstrip("/")).resolve())

    def set_extra_headers(self, path: str) -> None:
        # A student's page must not run where the gradebook's pages do.
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; style-src 'none'")
        if not path.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")):
            self.set_header("Content-Disposition", "attachment")


_CHANGED = {
    "<h1>nbgrader</h1>": '<h1><a href="{{ base_url }}/">Course</a></h1>',
    # hidden: a selector of what nbgrader draws for everybody, and whoever looks may not use
    "</head>": "{% if hidden %}<style>{{ hidden }} { display: none; }</style>{% endif %}</head>",
}


class _Pages(FileSystemLoader):
    """nbgrader's templates, with a way back to the course's own page in the place of nbgrader's name."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, fresh = super().get_source(environment, template)
        for theirs, ours in _CHANGED.items():
            source = source.replace(theirs, ours)
        return source, file, fresh


def routes() -> list[Route]:
    """Return nbgrader's routes, but for its entrance."""
    found = [*handlers.default_handlers, *apihandlers.default_handlers]
    found.append((r"/formgrader/static/(.*)", web.StaticFileHandler, {"path": handlers.static_path}))
    made = []
    for pattern, handler, *arguments in found:
        if pattern == ENTRANCE:
            continue
        if pattern == FILES:
            handler = SubmissionFiles
        made.append(Route(pattern, handler, arguments[0] if arguments else {}))
    return made


def settings(root: Path) -> dict[str, Any]:
    """Return what its handlers look for in the application's settings."""
    find_alembic()
    survive_timestamps()
    app = _Formgrader()
    app.root_dir = str(root)
    app.initialize([], root=str(root))
    # Names and ids are content: of who enrols them, and of the LMS.
    pages = Environment(loader=_Pages([handlers.template_path]), autoescape=True)
    return {
        "nbgrader_formgrader": app,
        "nbgrader_authenticator": app.authenticator,
        "nbgrader_exporter": HTMLExporter(config=app.config),
        "nbgrader_gradebook": None,
        "nbgrader_db_url": app.coursedir.db_url,
        "nbgrader_jinja2_env": pages,
        "nbgrader_bad_setup": False,
        "initial_config": app.config,
        "mathjax_url": "",
    }
