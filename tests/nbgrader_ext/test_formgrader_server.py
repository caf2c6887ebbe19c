"""The formgrader in a real Jupyter server, asked over HTTP as its page asks."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest

from autograder.hub.demo import free_ports
from tests.jupyter import serving
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader

TOKEN = "t0ken"


class Browser:
    def __init__(self, base: str) -> None:
        self.base = base
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, path: str, method: str = "GET", body: Any = None) -> str:
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        for cookie in self.jar:
            if cookie.name == "_xsrf":
                headers["X-XSRFToken"] = cookie.value or ""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.base}/{path}", data=data, headers=headers, method=method)
        with self.opener.open(request, timeout=30) as answer:
            text: str = answer.read().decode()
        return text


@pytest.fixture
def browser(school: School, tmp_path: Path) -> Iterator[Browser]:
    (port,) = free_ports(1)
    command = [
        sys.executable, "-m", "jupyter_server", f"--port={port}", "--ServerApp.port_retries=0",
        "--no-browser", "--allow-root",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={school.root}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        "JUPYTER_NO_CONFIG": "1",
    }
    with serving(command, port, school.root, env, tmp_path / "log") as base:
        yield Browser(base)


def test_a_person_reads_the_verdict_gives_points_and_comments_on_a_check_cell(school: School, browser: Browser) -> None:
    school.hand_in("ada", off=1, why="Because it is.")
    school.grade("ada")
    with school.book() as gradebook:
        submission = gradebook.find_submission_notebook("sums", "sums", "ada").id

    page = browser.ask(f"formgrader/submissions/{submission}/")
    assert "exercise-double" in page and 'id="double-comment"' in page

    comments = {c["name"]: c for c in json.loads(browser.ask(f"formgrader/api/comments?submission_id={submission}"))}
    assert comments["double"]["auto_comment"] == school.report("ada").verdicts["double"].message
    browser.ask(f"formgrader/api/comment/{comments['double']['id']}", "PUT", {"manual_comment": "Look at the sign."})
    grades = {g["name"]: g for g in json.loads(browser.ask(f"formgrader/api/grades?submission_id={submission}"))}
    browser.ask(f"formgrader/api/grade/{grades['why']['id']}", "PUT", {"manual_score": 2.5, "extra_credit": None})
    listed = json.loads(browser.ask("formgrader/api/submissions/sums"))
    assert [(s["student"], s["score"], s["autograded"]) for s in listed] == [("ada", 3.5, True)]

    answer = json.loads(browser.ask("formgrader/api/assignment/sums/ada/generate_feedback", "POST", {}))
    assert answer["success"], answer
    assert "Look at the sign." in school.page("ada")
