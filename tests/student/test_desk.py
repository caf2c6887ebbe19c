"""What a student's server makes of a desk's answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from handin.desk import Desk, DeskError

ANSWERS = {
    "elsewhere": (302, {"Location": "/caught"}, b""),
    "broken": (500, {}, b"<html>no JSON</html>"),
    "told": (429, {}, b'{"message": "Come again."}'),
    "half": (200, {}, b'[["a", 10]]\nabc'),
    "up": (200, {}, b'[["../a", 1]]\nx'),
    "page": (200, {"Content-Type": "text/html"}, b"<html>Log in</html>"),
    "welcome": (200, {}, b'{"message": "Welcome."}'),
    "row": (200, {}, b"[1]"),
    "number": (200, {}, b'{"assignments": 1, "submissions": 1, "timestamp": 1}'),
    "deep": (200, {}, b"[" * 100_000),
}


class _Answers(BaseHTTPRequestHandler):
    caught: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        self.caught.append(self.path)
        status, headers, body = ANSWERS.get(self.path.split("/")[1], (404, {}, b""))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def caught() -> Iterator[tuple[str, list[str]]]:
    """An address, and what was asked there."""
    handler = type("Answers", (_Answers,), {"caught": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/COURSE", handler.caught  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ("elsewhere", "answered 302"),
        ("broken", "answered 500"),
        ("told", "Come again."),
        ("half", "was not whole"),
        ("up", "was not whole"),
        ("page", "was not whole"),
        ("a/../../b", "answered 404"),
    ],
)
def test_what_is_no_good_answer_is_told_and_leaves_nothing_outside(
    caught: tuple[str, list[str]], tmp_path: Path, course: str, said: str
) -> None:
    address, asked = caught
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(DeskError, match=said):
        Desk(course, address, "token-1234").fetch("sums", folder)
    assert len(asked) == 1 and asked[0].count("/") == 3  # nowhere else, and the course is one part of the address
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("course", ["page", "welcome", "row", "number", "deep"])
def test_what_answers_in_the_place_of_a_desk_is_not_taken_for_one(
    caught: tuple[str, list[str]], tmp_path: Path, course: str
) -> None:
    (tmp_path / "sums.ipynb").write_text("{}")
    desk = Desk(course, caught[0], "token-1234")
    calls = (
        desk.assignments,
        desk.submissions,
        lambda: desk.hand_in("sums", [("sums.ipynb", tmp_path / "sums.ipynb")]),
    )
    for call in calls:
        with pytest.raises(DeskError, match=f"Something else answered in the place of the desk of {course}"):
            call()


def test_a_proxy_never_sees_the_token(caught: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    address, asked = caught
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(DeskError, match="Come again"):
        Desk("told", address, "token-1234").assignments()
    assert asked == ["/told/assignments"]


@pytest.mark.parametrize(("url", "token"), [("", "t"), ("http://x/COURSE", ""), ("file:///etc/COURSE", "t")])
def test_away_from_a_hub_it_is_said_what_is_missing(url: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    monkeypatch.delenv("AUTOGRADER_DESK", raising=False)
    with pytest.raises(DeskError, match="AUTOGRADER_DESK"):
        Desk("tiny", url, token)
