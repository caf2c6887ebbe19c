"""nbgrader's exchange for students, over a course's desk: the Assignments list and `nbgrader submit` as ever.

In a student's image, in nbgrader_config.py (for all users: /etc/jupyter/nbgrader_config.py):

from handin.exchange import configure; configure(get_config())

What lies in a student's home is what nbgrader would have put there. Loaded by nbgrader alone: importing handin brings
nothing of this along.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import (
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeSubmit,
)
from nbgrader.utils import get_username

from handin.desk import Desk, DeskError
from handin.parcel import Limits, files_of, folders_of, why_not
from handin.questions import FILE
from handin.words import ENGLISH, _, speaking

OURS = "handin.exchange"


def configure(c: Any) -> None:
    """Set up nbgrader in a student's server. Anything may be overridden after the call."""
    c.ExchangeFactory.list = f"{OURS}.List"
    c.ExchangeFactory.fetch_assignment = f"{OURS}.FetchAssignment"
    c.ExchangeFactory.submit = f"{OURS}.Submit"
    c.ExchangeFactory.fetch_feedback = f"{OURS}.FetchFeedback"
    c.Exchange.path_includes_course = True  # two courses may both have an assignment "week1"
    c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"  # courses are the hub's groups


class _OverDesk:
    """No folder is shared here, so none is looked for."""

    def start(self: Any) -> Any:
        with speaking(_language(self, self.coursedir.course_id)):
            return super().start()  # type: ignore[misc]

    def ensure_root(self: Any) -> None:
        if self.assignment_dir != ".":
            Path(self.assignment_dir).mkdir(parents=True, exist_ok=True)

    def init_src(self: Any) -> None:
        if not self.coursedir.course_id:
            self.fail(_("No course id specified. Choose a course, or use --course."))

    def desk(self: Any) -> Desk:
        return Desk(self.coursedir.course_id)

    @contextmanager
    def telling(self: Any, more: str = "") -> Iterator[None]:
        """Let nbgrader show what the desk says."""
        try:
            yield
        except DeskError as error:
            self.fail(f"{error}{more}")


class List(_OverDesk, ExchangeList):
    """Of each course that its student takes; with --inbound and --cached what was handed in, from anywhere."""

    def init_dest(self) -> None:
        self.assignments: list[str] = []  # paths in an exchange

    def init_src(self) -> None:
        if self.remove:
            self.fail(_("What was released or handed in stays. Ask your course staff."))

    def parse_assignments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for course in self._courses():
            try:
                with speaking(_language(self, course)):
                    desk = Desk(course)
                    found += self._submitted(desk) if self.inbound or self.cached else self._released(desk)
            except DeskError as error:
                if error.status in (403, 404) and not self.coursedir.course_id:
                    continue  # a course that somebody teaches, or one without a desk
                # Not nbgrader's ExchangeError: its page would show words of its own about a missing folder.
                raise DeskError(str(error), error.status) from None
        return found

    def _courses(self) -> list[str]:
        if self.coursedir.course_id:
            return [self.coursedir.course_id]
        return sorted(self.authenticator.get_student_courses("*") or [])

    def _wanted(self, assignment: str) -> bool:
        return self.coursedir.assignment_id in ("", assignment)

    def _home(self, course: str, assignment: str) -> Path:
        return _home(self, course, assignment)

    def _released(self, desk: Desk) -> list[dict[str, Any]]:
        infos = []
        for one in desk.assignments()["assignments"]:
            if not self._wanted(one["assignment"]):
                continue
            home = self._home(desk.course, one["assignment"])
            fetched = home.exists()
            here = sorted(path.stem for path in home.glob("*.ipynb")) if fetched else one["notebooks"]
            infos.append({
                "course_id": desk.course, "assignment_id": one["assignment"],
                "status": "fetched" if fetched else "released", "path": str(home) if fetched else "",
                "notebooks": [{"notebook_id": name, "path": str(home / f"{name}.ipynb")} for name in here],
            })  # fmt: skip
        return infos

    def _submitted(self, desk: Desk) -> list[dict[str, Any]]:
        student = _student(self)
        groups: dict[str, list[dict[str, Any]]] = {}
        for one in desk.submissions():
            if self._wanted(one["assignment"]):
                info = self._submission(desk.course, student, one)
                groups.setdefault(one["assignment"], []).append(info)
        return [
            {
                "course_id": desk.course, "student_id": student, "assignment_id": assignment, "status": "submitted",
                "submissions": sorted(infos, key=lambda info: str(info["timestamp"])),
            }
            for assignment, infos in sorted(groups.items())
        ]  # fmt: skip

    def _submission(self, course: str, student: str, one: dict[str, Any]) -> dict[str, Any]:
        """As nbgrader tells of one: which feedback is there, which was fetched, which has changed since."""
        assignment, stamp = one["assignment"], one["timestamp"]
        kept = Path(self.cache) / course / f"{student}+{assignment}+{stamp}"
        pages = self._home(course, assignment) / "feedback" / stamp
        notebooks = []
        for told in one["notebooks"]:
            page = pages / f"{told['notebook']}.html"
            there, fetched = told["feedback"], page.is_file()
            changed = bool(there) and fetched and there != _checksum(page)
            notebooks.append({
                "notebook_id": told["notebook"], "path": str(kept / f"{told['notebook']}.ipynb"),
                "has_local_feedback": fetched, "has_exchange_feedback": bool(there),
                "local_feedback_path": _as_nbgrader(self, page) if fetched else None, "feedback_updated": changed,
            })  # fmt: skip

        def every(key: str) -> bool:
            return bool(notebooks) and all(notebook[key] for notebook in notebooks)

        return {
            "course_id": course, "student_id": student, "assignment_id": assignment, "timestamp": stamp,
            "status": "submitted", "path": str(kept), "notebooks": notebooks,
            "has_local_feedback": every("has_local_feedback"), "has_exchange_feedback": every("has_exchange_feedback"),
            "feedback_updated": any(notebook["feedback_updated"] for notebook in notebooks),
            "local_feedback_path": str(pages) if every("has_local_feedback") else None,
        }  # fmt: skip


class FetchAssignment(_OverDesk, ExchangeFetchAssignment):
    def copy_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.telling():
            fetched = Path(folder) / "fetched"
            fetched.mkdir()
            self.desk().fetch(self.coursedir.assignment_id, fetched)
            for path in fetched.rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)
            fetched.chmod(0o755)
            self.do_copy(str(fetched), self.dest_path)
        self.log.info("Fetched as: %s %s", self.coursedir.course_id, self.coursedir.assignment_id)


class FetchFeedback(_OverDesk, ExchangeFetchFeedback):
    def copy_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.telling():
            self.desk().feedback(self.coursedir.assignment_id, Path(folder))
            found = files_of(Path(folder))
            for name in found:
                page = Path(self.dest_path) / name
                page.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(folder) / name, page)
                self.log.info("Fetched feedback: %s", page)
        if not found:
            told = _("There is no feedback yet on {assignment}. Look again later.")
            self.log.warning(told.format(assignment=self.coursedir.assignment_id))


class Submit(_OverDesk, ExchangeSubmit):
    def init_src(self) -> None:
        _OverDesk.init_src(self)
        ExchangeSubmit.init_src(self)  # which folder it is

    def init_dest(self) -> None:
        self.cache_path = str(Path(self.cache) / self.coursedir.course_id)

    def copy_files(self) -> None:
        assignment = self.coursedir.assignment_id
        safe = " " + _("Your work is in {folder}; when that is mended, submit again.").format(folder=self.src_path)
        with tempfile.TemporaryDirectory() as folder, self.telling(safe):
            sent = Path(folder) / "sent"
            self.do_copy(self.src_path, str(sent))  # as it is now, by nbgrader's rules on what is left out
            desk = self.desk()
            about = desk.assignments()
            self.release_path = str(Path(folder) / "released")
            self._compare(about["assignments"], assignment)
            files = self._files(sent, Limits(**about["limits"]), safe)
            receipt = desk.hand_in(assignment, files)
            self.timestamp = receipt["timestamp"]
            self._keep(sent, receipt)
        self.log.info("Submitted as: %s %s %s", self.coursedir.course_id, assignment, self.timestamp)

    def _compare(self, released: Iterable[dict[str, Any]], assignment: str) -> None:
        """Have nbgrader compare the notebooks with those that were released, by their names."""
        Path(self.release_path).mkdir()
        for one in released:
            if one["assignment"] == assignment:
                for name in one["notebooks"]:
                    (Path(self.release_path) / f"{name}.ipynb").touch()
        self.check_filename_diff()

    def _files(self, sent: Path, limits: Limits, safe: str) -> list[tuple[str, Path]]:
        files = []
        for name in files_of(sent):
            if why := why_not(name, limits):
                self.log.warning(_("Left out: {file}: {why}").format(file=ascii(name)[1:-1], why=why))
            else:
                files.append((name, sent / name))
        names = [name for name, _path in files]
        if len(names) + len(folders_of(names)) > limits.files:
            told = _("There are more than {n} files and folders. Nothing was handed in.").format(n=limits.files)
            self.fail(f"{told}{safe}")
        if sum(path.stat().st_size for _name, path in files) > limits.bytes:
            told = _("All files together are larger than {n} MB. Nothing was handed in.")
            self.fail(f"{told.format(n=limits.bytes // 2**20)}{safe}")
        return files

    def _keep(self, sent: Path, receipt: dict[str, str]) -> None:
        """Note it in the student's home, as nbgrader does. A full home costs nobody a submission."""
        kept = Path(self.cache_path) / f"{receipt['student']}+{receipt['assignment']}+{receipt['timestamp']}"
        try:
            shutil.copytree(sent, kept)
            (kept / "timestamp.txt").write_text(receipt["timestamp"])
            (kept / "submission_secret.txt").write_text(receipt["secret"])
        except OSError as error:
            with suppress(OSError):
                shutil.rmtree(kept)
            told = _("It is handed in, and could not be noted in your home: {why}")
            self.log.warning(told.format(why=error))


def _home(exchange: Any, course: str, assignment: str) -> Path:
    within = Path(course) / assignment if exchange.path_includes_course else Path(assignment)
    return (Path(exchange.assignment_dir) / within).absolute()


def _language(exchange: Any, course: str) -> str:
    """Of what was fetched last: before that, nobody here knows it."""
    try:
        newest = max(_home(exchange, course, "").glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime)
        name = json.loads(newest.read_bytes())["language"]
    except (OSError, ValueError, KeyError, TypeError):
        return ENGLISH
    return name if isinstance(name, str) else ENGLISH


def _as_nbgrader(exchange: Any, path: Path) -> str:
    """From where the server runs, as its page expects it."""
    return os.path.join(exchange.assignment_dir, path.relative_to(Path(exchange.assignment_dir).absolute()))  # noqa: PTH118


def _student(exchange: Any) -> str:
    chosen = exchange.coursedir.student_id
    return os.environ.get("JUPYTERHUB_USER") or (get_username() if chosen in ("", "*") else chosen)


def _checksum(page: Path) -> str:
    return hashlib.md5(page.read_bytes(), usedforsecurity=False).hexdigest()
