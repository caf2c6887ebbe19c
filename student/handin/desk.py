"""Asks a course's desk, with the token of the student's own server. Standard library alone, and nothing of nbgrader."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from handin.parcel import PIECE, TYPE, Limits, ParcelError, Unpacker, pack
from handin.words import _

WAIT = 60.0  # seconds without a word


class DeskError(Exception):
    """The text says what happened and what to do next; status is the desk's, 0 where it did not answer."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: the token would go along."""

    def redirect_request(self, *_request: Any) -> None:
        return None


class Desk:
    def __init__(self, course: str, url: str = "", token: str = "") -> None:
        """url: with COURSE for the course; spawners take braces for their own. Default for both: as the hub has set
        them in the environment of a student's server."""
        url, token = url or os.environ.get("AUTOGRADER_DESK", ""), token or os.environ.get("JUPYTERHUB_API_TOKEN", "")
        if not url or not token:
            raise DeskError(
                _(
                    "There is no desk to ask from here: that works on your course's JupyterHub. If you are there, tell "
                    "your course staff that AUTOGRADER_DESK or JUPYTERHUB_API_TOKEN is not set."
                )
            )
        self._base = url.replace("COURSE", quote(course, safe="")).rstrip("/")
        if urlsplit(self._base).scheme not in ("http", "https"):
            raise DeskError(_("AUTOGRADER_DESK is no web address: {url}. Tell your course staff.").format(url=url))
        self.course, self._token = course, token
        # No proxy: the desk is near, and the token is nobody else's business.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)

    def assignments(self) -> dict[str, Any]:
        """Return {"assignments": [{"assignment", "notebooks"}], "limits": {...}, "student"}."""
        about: dict[str, Any] = self._told(urllib.request.Request(f"{self._base}/assignments"), "assignments", list)
        return about

    def submissions(self) -> list[dict[str, Any]]:
        """Return [{"assignment", "timestamp", "notebooks": [{"notebook", "feedback"}]}]; feedback: MD5 of the page."""
        request = urllib.request.Request(f"{self._base}/submissions")
        found: list[dict[str, Any]] = self._told(request, "submissions", list)["submissions"]
        return found

    def fetch(self, assignment: str, folder: Path) -> None:
        """Fill an empty folder with a release."""
        self._parcel(f"{self._base}/assignments/{quote(assignment, safe='')}", folder)

    def feedback(self, assignment: str, folder: Path) -> None:
        """Fill an empty folder with <timestamp>/<notebook>.html of all that this student handed in."""
        self._parcel(f"{self._base}/feedback/{quote(assignment, safe='')}", folder)

    def hand_in(self, assignment: str, files: list[tuple[str, Path]]) -> dict[str, str]:
        """Return what the desk says of it: {"student", "timestamp", "secret"}."""
        size, pieces = pack(files)
        headers = {"Content-Type": TYPE, "Content-Length": str(size)}
        address = f"{self._base}/assignments/{quote(assignment, safe='')}"
        request = urllib.request.Request(address, data=pieces, method="POST", headers=headers)
        said: dict[str, str] = self._told(request, "timestamp", str)
        return said

    def _told(self, request: urllib.request.Request, part: str, kind: type) -> dict[str, Any]:
        """Return an answer that has this part. What stands before a desk may answer in its place, with a page."""
        content = b"".join(self._ask(request))
        with suppress(ValueError, RecursionError):
            said = json.loads(content)
            if isinstance(said, dict) and isinstance(said.get(part), kind):
                return said
        told = _(
            "Something else answered in the place of the desk of {course}. Nothing is lost: your work is where it was. "
            "Try again in a minute, and if it stays so, tell your course staff."
        )
        raise DeskError(told.format(course=self.course))

    def _parcel(self, address: str, folder: Path) -> None:
        unpacker = Unpacker(folder, Limits())
        try:
            for piece in self._ask(urllib.request.Request(address)):
                unpacker.feed(piece)
            unpacker.close()
        except ParcelError as error:
            told = _("What the desk of {course} sent was not whole ({why}). Try again.")
            raise DeskError(told.format(course=self.course, why=error)) from None
        finally:
            with suppress(ParcelError):
                unpacker.close()

    def _ask(self, request: urllib.request.Request) -> Iterator[bytes]:
        request.add_header("Authorization", f"token {self._token}")
        try:
            with self._opener.open(request, timeout=WAIT) as answer:
                while piece := answer.read(PIECE):
                    yield piece
        except urllib.error.HTTPError as error:
            told = _("The desk of {course} answered {code}.").format(course=self.course, code=error.code)
            raise DeskError(_said(error) or told, error.code) from None
        except (OSError, HTTPException) as error:
            told = _(
                "The desk of {course} cannot be reached now ({why}). Nothing is lost: your work is where it was. "
                "Try again in a minute, and if it stays so, tell your course staff."
            )
            raise DeskError(told.format(course=self.course, why=_reason(error))) from None


def _said(error: urllib.error.HTTPError) -> str:
    try:
        message = json.loads(error.read(4096))["message"]
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return ""
    return message if isinstance(message, str) else ""


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)) or type(error).__name__
