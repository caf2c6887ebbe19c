"""Submissions that mean harm, and what is left of them: nothing."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from autograder import intake
from autograder.desk import shelf
from autograder.desk.counter import Counters, Shares, TooMuchError
from autograder.desk.server import HEADERS, LIMITS
from handin.parcel import TYPE
from tests.desk.reception import Reception
from tests.waiting import until

pytestmark = pytest.mark.nbgrader


def body(*files: tuple[Any, Any], content: bytes = b"") -> bytes:
    return json.dumps(list(files)).encode() + b"\n" + content


def on_its_way(place: Path) -> list[Path]:
    return list((place / ".desk").iterdir()) if (place / ".desk").exists() else []


def assert_nothing_came(reception: Reception, place: Path) -> None:
    """Nothing in the exchange, nothing on its way, and the desk still takes what is honest."""
    assert list((place / "inbound").iterdir()) == []
    until(lambda: not on_its_way(place) and not reception.desk.counters.busy)
    assert reception.send(reception.hub.student("honest"), body(("a.txt", 2), content=b"hi")).status_code == 201
    (came,) = (place / "inbound").iterdir()
    assert sorted(p.name for p in came.iterdir()) == ["a.txt", "submission_secret.txt", "timestamp.txt"]
    assert sorted(p.name for p in place.parent.iterdir()) == ["tiny"]


NAMES = [
    "../x", "/etc/x", "a/../../x", "a/./b", "..", ".", "", "a//b", "a/", "\\\\x", "a\nb", "a\0b", "\ud800",
    "\u202egpj.exe", "x" * 151, "é" * 76, "/".join("abcdefghi"), "a\x1b[2J",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_that_leads_elsewhere_or_cannot_be_used_is_refused(reception: Reception, place: Path, name: str) -> None:
    answer = reception.send(reception.hub.student("eve"), body(("fine.txt", 0), (name, 1), content=b"x"))
    assert answer.status_code == 400 and "Nothing was handed in" in answer.json()["message"]
    assert_nothing_came(reception, place)


SHAPES = {
    "no list": b"hello",
    "no end of it": b'[["a", 1]]',
    "an object": b'{"a": 1}\n',
    "a number": b"7\n",
    "null": b"null\n",
    "not text": b"\xff\xfe\n",
    "deep": b"[" * 100_000 + b"\n",
    "a long number": b'[["a", ' + b"9" * 5000 + b"]]\n",
    "names missing": body((1, 2)),
    "size is text": body(("a", "1"), content=b"x"),
    "size is true": body(("a", True), content=b"x"),
    "size is a fraction": body(("a", 1.0), content=b"x"),
    "size is negative": body(("a", -1), ("b", 1), content=b"x"),
    "three parts": b'[["a", 1, 0]]\nx',
    "shorter than it says": body(("a", 10), content=b"x"),
    "longer than it says": body(("a", 1), content=b"xy"),
    "longer than nothing": body(content=b"xy"),
    "twice the same": body(("a", 1), ("a", 1), content=b"xy"),
    "a file that is a folder": body(("a", 1), ("a/b", 1), content=b"xy"),
    "a folder that is a file": body(("a/b", 1), ("a", 1), content=b"xy"),
    "too large": body(("a", intake.MAX_BYTES), content=b"x"),
    "too large together": body(*((f"{n}", 2**20) for n in range(300)), content=b"x"),
    "too many": body(*((f"{n}", 0) for n in range(499))),
    "too many folders": body(*((f"{n}/a", 0) for n in range(250))),
    "a list without an end": b" " * (LIMITS.head + 1),
    "an archive": gzip.compress(b"x" * 10_000),
    "the time is a folder": body(("timestamp.txt/a", 0)),
    "the secret is a folder": body(("submission_secret.txt/a", 0)),
}


@pytest.mark.parametrize("what", SHAPES)
def test_what_is_no_parcel_or_too_much_is_refused(reception: Reception, place: Path, what: str) -> None:
    answer = reception.send(reception.hub.student("eve"), SHAPES[what])
    assert answer.status_code == 400 and answer.json()["message"]
    assert_nothing_came(reception, place)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/x-tar"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Length": str(2**40)}, None),
        ({"Content-Length": "-1"}, None),
        ({"X-Long": "x" * HEADERS}, None),
        ({f"X-{n}": "x" * 90 for n in range(HEADERS // 90)}, None),
    ],
    ids=str,
)
def test_other_ways_to_send_are_refused(
    reception: Reception, place: Path, headers: dict[str, str], status: int | None
) -> None:
    content = body(("a.ipynb", 2), content=b"{}")
    sent = {
        "Authorization": f"token {reception.hub.student('eve')}", "Content-Type": TYPE,
        "Content-Length": str(len(content)),
    }  # fmt: skip
    first = raw(reception, "POST", sent | headers, content)
    if status is None:
        assert first == "" or first.split()[1].startswith("4")
    else:
        assert first.split()[1] == str(status)
    assert_nothing_came(reception, place)


def raw(reception: Reception, method: str, headers: dict[str, str], content: bytes) -> str:
    """Send as it is, and return the first line of the answer."""
    lines = [f"{method} {reception.prefix}assignments/sums HTTP/1.1", "Host: x", "Connection: close"]
    head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items())]) + "\r\n\r\n"
    with socket.create_connection(("127.0.0.1", reception.port), timeout=10) as connection:
        connection.sendall(head.encode() + content)
        try:
            return connection.recv(4096).decode().partition("\r\n")[0]
        except ConnectionResetError:
            return ""


def test_a_submission_that_does_not_say_how_large_it_is_is_refused(reception: Reception, place: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield body(("a", 1))
        yield b"x"

    token = reception.hub.student("eve")
    answer = reception.ask("POST", "/assignments/sums", token, data=pieces(), headers={"Content-Type": TYPE})
    assert answer.status_code == 411
    assert_nothing_came(reception, place)


@pytest.mark.parametrize("address", ["assignments", "submissions", "feedback/sums", "nothing"])
def test_who_is_nobody_is_told_before_a_body_has_come_and_nothing_is_kept_of_it(
    reception: Reception, place: Path, address: str
) -> None:
    head = f"POST {reception.prefix}{address} HTTP/1.1\r\nHost: x\r\nContent-Length: {200 * 2**20}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", reception.port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).split()[1] == b"401"
    assert_nothing_came(reception, place)


def test_time_and_secret_are_the_desks_whatever_came_along(reception: Reception, place: Path) -> None:
    files = (("a.ipynb", 2), ("timestamp.txt", 4), ("submission_secret.txt", 3))
    said = reception.send(reception.hub.student("ada"), body(*files, content=b"{}1999abc")).json()
    (came,) = (place / "inbound").iterdir()
    assert (came / "timestamp.txt").read_text() == said["timestamp"] != "1999"
    assert (came / "submission_secret.txt").read_text() == said["secret"] != "abc"


@pytest.mark.parametrize("field", ["student", "user", "name"])
def test_the_student_is_the_tokens_whatever_is_said_besides(reception: Reception, place: Path, field: str) -> None:
    token = reception.hub.student("eve")
    headers = {"Content-Type": TYPE, "X-Forwarded-User": "ada", "Remote-User": "ada"}
    sent = body(("a.ipynb", 2), content=b"{}")
    answer = reception.ask("POST", f"/assignments/sums?{field}=ada", token, data=sent, headers=headers)
    assert answer.json()["student"] == "eve"
    assert [came.name.partition("+")[0] for came in (place / "inbound").iterdir()] == ["eve"]


@pytest.mark.parametrize("assignment", ["other", "..", "sums+x", "sums%2f..", "%00", "sums%0a"])
def test_nothing_can_be_handed_in_for_what_is_not_released(reception: Reception, place: Path, assignment: str) -> None:
    sent = body(("a.ipynb", 2), content=b"{}")
    assert reception.send(reception.hub.student("eve"), sent, assignment).status_code in (400, 404)
    assert_nothing_came(reception, place)


def begin(reception: Reception, token: str, size: int = 1000) -> socket.socket:
    """Send the first half of a submission, and hold on."""
    sent = body(("a.ipynb", size), content=b"x" * (size // 2))
    head = (
        f"POST {reception.prefix}assignments/sums HTTP/1.1\r\nHost: x\r\nAuthorization: token {token}\r\n"
        f"Content-Type: {TYPE}\r\nContent-Length: {len(sent) + size // 2}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", reception.port), timeout=10)
    connection.sendall(head.encode() + sent)
    return connection


def test_a_submission_that_is_broken_off_leaves_nothing(reception: Reception, place: Path) -> None:
    with begin(reception, reception.hub.student("ada")):
        until(lambda: on_its_way(place))
        assert list((place / "inbound").iterdir()) == []
    assert_nothing_came(reception, place)


def test_a_submission_that_never_ends_is_broken_off(place: Path) -> None:
    reception = Reception(place)
    reception.desk.arriving = 0.3
    with reception.open():
        with begin(reception, reception.hub.student("ada")) as connection:
            until(lambda: on_its_way(place))
            assert connection.recv(1000) == b""
        assert_nothing_came(reception, place)


def test_who_sends_slowly_keeps_nobody_else_waiting_and_has_few_hands(reception: Reception, place: Path) -> None:
    token = reception.hub.student("eve")
    slow = [begin(reception, token) for _ in range(Shares().at_once)]
    try:
        until(lambda: len(on_its_way(place)) == len(slow))
        refused = reception.send(token, body(("a", 1), content=b"x"))
        assert refused.status_code == 429 and refused.headers["Retry-After"]
        assert reception.send(reception.hub.student("ada"), body(("a", 1), content=b"x")).status_code == 201
    finally:
        for connection in slow:
            connection.close()
    until(lambda: not on_its_way(place))
    assert reception.send(token, body(("a", 1), content=b"x")).status_code == 201


def test_many_who_hand_in_at_the_same_time_have_each_their_own(reception: Reception, place: Path) -> None:
    size = 300_000

    def one(student: str) -> None:
        content = student.encode() * (size // len(student))
        said.append(reception.send(reception.hub.student(student), body(("a", len(content)), content=content)))

    said: list[Any] = []
    students = [f"s{n:03}" for n in range(12)]
    threads = [threading.Thread(target=one, args=(student,)) for student in students]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in said] == [201] * 12
    came = {folder.name.partition("+")[0]: (folder / "a").read_bytes() for folder in (place / "inbound").iterdir()}
    assert came == {student: student.encode() * (size // 4) for student in students}


def test_whoever_floods_is_told_when_to_come_again_and_nobody_else_is_refused(place: Path) -> None:
    with Reception(place, Shares(submissions=2)).open() as reception:
        eve, sent = reception.hub.student("eve"), body(("a", 1), content=b"x")
        said = [reception.send(eve, sent) for _ in range(3)]
        assert [answer.status_code for answer in said] == [201, 201, 429]
        assert 3500 < int(said[2].headers["Retry-After"]) <= 3600 and "60 minutes" in said[2].json()["message"]
        assert reception.send(reception.hub.student("ada"), sent).status_code == 201
        assert reception.ask("GET", "/submissions", eve).ok


def test_what_one_student_hands_in_within_an_hour_is_bounded_in_bytes_and_then_free_again() -> None:
    now = [0.0]
    counters = Counters(Shares(submissions=9, bytes=100), lambda: now[0])
    counters.hand_in("eve", 60)
    with pytest.raises(TooMuchError):
        counters.hand_in("eve", 60)
    counters.hand_in("ada", 60)
    now[0] = 3601.0
    counters.hand_in("eve", 60)


def test_a_full_disk_refuses_and_says_so(reception: Reception, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "ROOM", 1 << 60)
        answer = reception.send(reception.hub.student("ada"), body(("a", 1), content=b"x"))
    assert answer.status_code == 507 and "Nothing of yours is lost" in answer.json()["message"]
    assert_nothing_came(reception, place)


def test_what_one_student_hands_in_altogether_is_bounded_and_nobody_else_is_refused(reception: Reception) -> None:
    reception.desk.shelf = replace(reception.desk.shelf, most=60_000)
    eve, ada = reception.hub.student("eve"), reception.hub.student("ada")
    large = body(("a.bin", 40_000), content=b"x" * 40_000)
    assert reception.send(eve, large).status_code == 201
    refused = reception.send(eve, large)
    assert refused.status_code == 507 and "tell your course staff" in refused.json()["message"]
    assert len(reception.ask("GET", "/submissions", eve).json()) == 1
    assert reception.send(ada, large).status_code == 201


def test_what_the_desk_takes_is_what_collecting_takes(reception: Reception, place: Path) -> None:
    deep = "/".join("abcdefgh")
    files = [(deep, 1), *((f"{n:0150}", 0) for n in range(LIMITS.files - 8))]
    assert reception.send(reception.hub.student("ada"), body(*files, content=b"x")).status_code == 201
    (came,) = (place / "inbound").iterdir()
    assert intake.take(came, None, None).refused == {}


def test_a_release_that_is_replaced_while_it_is_fetched_comes_whole_or_not(reception: Reception, place: Path) -> None:
    large = place / "outbound" / "sums" / "large.bin"
    large.write_bytes(b"x" * 50_000_000)
    token = reception.hub.student("ada")
    with reception.ask("GET", "/assignments/sums", token, stream=True) as answer:
        os.truncate(large, 1000)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            assert not answer.content
    until(lambda: not reception.desk.counters.busy)
    assert reception.ask("GET", "/assignments/sums", token).ok


def test_who_leaves_in_the_middle_of_a_fetch_is_counted_out(reception: Reception, place: Path) -> None:
    (place / "outbound" / "sums" / "large.bin").write_bytes(b"x" * 50_000_000)
    token = reception.hub.student("ada")
    with reception.ask("GET", "/assignments/sums", token, stream=True):
        assert reception.desk.counters.busy
    until(lambda: not reception.desk.counters.busy)


def test_a_desk_that_is_killed_in_the_middle_leaves_no_half_in_the_exchange(place: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.desk.dying", str(place)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    with process:
        reception = Reception(place)  # a second one, that is not open: for its addresses
        reception.port = int(process.stdout.readline())
        with begin(reception, "token-of-ada"):
            until(lambda: on_its_way(place))
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert list((place / "inbound").iterdir()) == [] and on_its_way(place)
    reception.desk.shelf.sweep()  # as each desk does when it starts
    assert on_its_way(place) == []
