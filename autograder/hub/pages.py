"""The pages of a course's service that are ours: they work without a script, and every word of others is escaped."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment
from tornado import web

from autograder.analytics.decided import reports_of
from autograder.analytics.nameless import nameless
from autograder.analytics.report_page import render
from autograder.errors import LOST, AutograderError
from autograder.feedback import html
from autograder.hub.gate import Gate
from autograder.hub.jobs import ACTIONS, NAME, Action, BusyError, Job, Jobs
from autograder.hub.overview import overview, titles
from autograder.hub.roles import RULES, Right

_HERE = Path(__file__).parent

LABELS: dict[Action, str] = {
    "check": "Check",
    "build": "Build",
    "release": "Release",
    "collect": "Collect",
    "grade": "Grade",
    "feedback": "Give feedback",
    "post": "Post grades",
}


class Page(Gate, web.RequestHandler):
    @property
    def root(self) -> Path:
        return cast(Path, self.settings["root"])

    @property
    def jobs(self) -> Jobs:
        return cast(Jobs, self.settings["jobs"])

    @property
    def base(self) -> str:
        return str(self.hub_auth.base_url)

    def known(self, assignment: str) -> str:
        """Return the assignment's title; 404 where the course has none of this id."""
        names = titles(self.root)[1]
        if not NAME.fullmatch(assignment) or assignment not in names:
            raise web.HTTPError(404, "This course has no such assignment.")
        return names[assignment]

    def show(self, template: str, **values: Any) -> None:
        self.finish(
            html.page(
                template,
                _environment(),
                base=self.base,
                hub=self.hub_auth.hub_prefix,
                user=self.current_user["name"],
                rights={right.name for right in self.rights},
                labels=LABELS,
                xsrf=self.xsrf_token.decode(),
                course_title=titles(self.root)[0],
                **values,
            )
        )


@cache
def _environment() -> Environment:
    return html.environment(_HERE / "templates")


class Entrance(Page):
    """To the page of whoever comes: graders have no use for the course's."""

    def get(self) -> None:
        self.redirect(self.base + ("course" if Right.COURSE in self.rights else "formgrader/gradebook"))


class Sheet(Page):
    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(str(html.style(_HERE / "course.css")))


class Script(Page):
    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish((_HERE / "course.js").read_text("utf-8"))


class CoursePage(Page):
    def get(self) -> None:
        exchange, course = self.settings["exchange"]
        may = [action for action in ACTIONS if RULES[rule(action)]["POST"] in self.rights]
        rows = []
        for state in overview(self.root, exchange, course):
            last = {action: self.jobs.last(state.name, action) for action in ACTIONS}
            read = {a: job for a, job in last.items() if job and RULES[rule(a)]["GET"] in self.rights}
            rows.append((state, read))
        running = self.jobs.running
        self.show("course.html.j2", rows=rows, may=may, running=running, words=words, live=running is not None)


class Work(Page):
    """POST begins a job, GET shows what it prints."""

    async def post(self, assignment: str, action: str) -> None:
        self.known(assignment)
        try:
            self.jobs.start(assignment, cast(Action, action), self.current_user["name"])
        except BusyError:
            running = self.jobs.running
            assert running is not None
            self.set_status(409)
            self.show("busy.html.j2", running=running, live=False)
            return
        self.redirect(f"{self.base}course/{assignment}/{action}", status=303)

    def get(self, assignment: str, action: str) -> None:
        title, job = self.known(assignment), self.jobs.last(assignment, action)
        if job is None:
            raise web.HTTPError(404, "This was never run.")
        log = self.jobs.log(assignment, action)
        self.show("job.html.j2", job=job, title=title, log=log, words=words(job), live=job.code is None)


class ReportPage(Page):
    policy = f"{html.POLICY}; frame-ancestors 'none'"

    async def get(self, assignment: str = "") -> None:
        course, names = titles(self.root)
        if assignment:
            self.known(assignment)
        chosen = [assignment] if assignment else list(names)
        with_names = Right.NAMES in self.rights

        def made() -> str:
            reports = reports_of(self.root, chosen)
            return render(reports if with_names else nameless(reports), course, names)

        try:
            page = await asyncio.get_running_loop().run_in_executor(None, made)
        except AutograderError as error:
            unnamed = "The report cannot be made. An instructor who opens it reads why."  # the error may name a student
            raise web.HTTPError(503, str(error) if with_names else unnamed) from error
        self.finish(page)


class Missing(Page):
    """For whoever may enter: there is nothing at this address. All others learn not even that."""

    needs = dict.fromkeys(("GET", "POST", "PUT", "DELETE", "PATCH"), Right.ENTER)

    async def prepare(self) -> None:
        await super().prepare()
        if not self._finished:
            raise web.HTTPError(404, "There is nothing at this address.")


def rule(action: str) -> str:
    """Return the pattern of a job's address."""
    return next(pattern for pattern in RULES if pattern.startswith("/course/") and action in pattern)


def words(job: Job) -> str:
    """Return how a job stands. A check that finds faults has done its work; what the grader lost is not done."""
    if job.code is None:
        return "running"
    if job.code == 0:
        return "no fault" if job.action == "check" else "done"
    if job.code < 0:
        return "stopped before its end"
    if job.action == "check":
        return "faults"
    return "failed for some, see below" if job.code == LOST else "failed"


PAGES: dict[str, type[Page]] = {
    r"/": Entrance,
    r"/formgrader/?": Entrance,
    r"/course\.css": Sheet,
    r"/course\.js": Script,
    r"/course": CoursePage,
    r"/course/([^/]+)/(check|build|release)": Work,
    r"/course/([^/]+)/(collect|grade|feedback|post)": Work,
    r"/report": ReportPage,
    r"/report/([^/]+)": ReportPage,
}
