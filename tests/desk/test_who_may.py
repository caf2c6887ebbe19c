"""Every request with no token, a wrong one, another student's, another course's."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from autograder.nbgrader_ext.release_feedback import page_name
from handin.parcel import TYPE
from tests.desk.reception import Reception

pytestmark = pytest.mark.nbgrader

ROUTES = [
    ("GET", "/assignments"),
    ("GET", "/assignments/sums"),
    ("POST", "/assignments/sums"),
    ("GET", "/submissions"),
    ("GET", "/feedback/sums"),
    ("GET", "/anything"),
    ("GET", "/"),
]
ONE = b'[["sums.ipynb", 2]]\n{}'
SECRET = "s3cret"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_gets_in_without_a_token_that_the_hub_knows(reception: Reception, method: str, path: str) -> None:
    ada = reception.hub.student("ada")
    reception.hub.token("eve-of-physics", "nbgrader-physics", "formgrade-tiny", "nbgrader-tiny-2")
    sending = {"data": ONE, "headers": {"Content-Type": TYPE}} if method == "POST" else {}
    for token in (None, "", "wrong-token", "token-of-nobody", f"{ada}x", "ä" * 40):
        encoded = None if token is None else token.encode("utf-8").decode("latin-1")
        assert reception.ask(method, path, encoded, **sending).status_code == 401
    assert reception.ask(method, path, "token-of-eve-of-physics", **sending).status_code == 403
    assert list((reception.desk.shelf.inbound).iterdir()) == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_cookies_and_tokens_in_the_address_say_nothing(reception: Reception, method: str, path: str) -> None:
    token = reception.hub.student("ada")
    cookies = {"jupyterhub-services": token, "jupyterhub-user-ada": token, "Authorization": token}
    sending = {"data": ONE, "headers": {"Content-Type": TYPE}} if method == "POST" else {}
    answer = requests.request(
        method, f"{reception.url}{path}?token={token}", cookies=cookies, timeout=20, **sending  # type: ignore[arg-type]
    )  # fmt: skip
    assert answer.status_code == 401


def test_a_desk_lets_no_other_site_read_its_answers(reception: Reception) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Headers": "authorization"}
    asked = reception.ask("OPTIONS", "/submissions", headers=headers)
    read = reception.ask("GET", "/submissions", reception.hub.student("ada"), headers=headers)
    assert not [name for answer in (asked, read) for name in answer.headers if name.startswith("Access-Control")]
    assert read.ok and not asked.ok


def lay(place: Path, student: str, assignment: str = "sums", secret: str = SECRET) -> None:
    """A submission with feedback, made by hand."""
    folder = place / "inbound" / f"{student}+{assignment}+2026-01-10 12:00:00.000000 UTC+x7Gh"
    folder.mkdir()
    (folder / "sums.ipynb").write_text("{}")
    (folder / "submission_secret.txt").write_text(secret)
    (place / "feedback" / page_name(secret, "sums")).write_text(f"feedback for {student}")


def test_a_student_sees_nothing_of_anybody_elses(reception: Reception, place: Path) -> None:
    lay(place, "ada")
    for name in ("ada2", "da", "ad", "Ada", "ada%2Bsums", "%", "a_a", "?da"):
        token = reception.hub.student(name)
        assert reception.ask("GET", "/submissions", token).json() == {"submissions": []}
        assert b"feedback for" not in reception.ask("GET", "/feedback/sums", token).content
    own = reception.ask("GET", "/submissions", reception.hub.student("ada")).json()["submissions"]
    assert [one["assignment"] for one in own] == ["sums"] and own[0]["notebooks"][0]["feedback"]
    assert SECRET not in str(own)
    assert b"feedback for ada" in reception.ask("GET", "/feedback/sums", "token-of-ada").content


def test_whoever_is_somebody_elses_name_with_a_sign_in_it_is_not_taken(reception: Reception, place: Path) -> None:
    lay(place, "ada")
    for name in ("ada+sums", "*", "ada/", "../ada", ".ada", "ada\\", "a\nb", "+"):
        token = reception.hub.student(name).replace("\n", "~")
        reception.hub.people[token] = reception.hub.people.pop(f"token-of-{name}")
        answer = reception.ask("GET", "/submissions", token)
        assert answer.status_code == 403, name


@pytest.mark.parametrize(
    "path",
    [
        "/assignments/..", "/assignments/%2e%2e", "/assignments/..%2finbound", "/assignments/%2e%2e%2finbound",
        "/assignments/sums%2fdata", "/assignments/%00", "/assignments/.", "/assignments/*", "/assignments/%2Fetc",
        "/feedback/..%2f..%2f", "/assignments/link",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_what_is_released(reception: Reception, place: Path, path: str) -> None:
    lay(place, "ada")
    (place / "outbound" / "link").symlink_to(place / "inbound")
    token = reception.hub.student("bob")
    session = requests.Session()
    request = requests.Request("GET", reception.url, headers={"Authorization": f"token {token}"}).prepare()
    request.url = reception.url + path  # as it is: requests would tidy up the dots
    answer = session.send(request, timeout=20)
    assert answer.status_code in (400, 404) or answer.content == b"[]\n"


def test_the_hub_being_down_is_told_as_that(reception: Reception) -> None:
    token = reception.hub.student("ada")
    reception.hub.down = True
    answer = reception.ask("GET", "/submissions", token)
    assert answer.status_code == 503 and "Nothing is lost" in answer.json()["message"]


def test_a_student_who_is_no_student_any_more_is_out_at_once(reception: Reception) -> None:
    token = reception.hub.student("ada")
    assert reception.ask("GET", "/submissions", token).ok
    reception.hub.token("ada", "nbgrader-physics")
    assert reception.ask("GET", "/submissions", token).status_code == 403
