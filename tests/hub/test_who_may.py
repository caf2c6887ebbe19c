"""Who may do what, by trying: every route of a course's service, as each kind of person, by cookie and by token."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping

import pytest
import requests

from autograder.hub.demo import Demo
from autograder.hub.roles import RULES, rights_of
from tests.hub.conftest import ADMIN_TOKEN
from tests.hub.people import ELSEWHERE, FELLOW, GRADER, INSTRUCTOR, NOBODY, PEOPLE, STAFF, STUDENT, TAG
from tests.hub.visitors import Visitor, WithCookie, WithToken
from tests.waiting import until

pytestmark = pytest.mark.hub

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
FORBIDDEN = 403


@pytest.fixture(scope="module")
def visitors(hub: Demo) -> Iterator[Mapping[tuple[str, str], Visitor]]:
    made = {(name, kind.__name__): kind(hub, name) for name in PEOPLE for kind in (WithCookie, WithToken)}
    yield made
    for visitor in made.values():
        visitor.session.close()


@pytest.fixture(scope="module")
def routes(hub: Demo) -> list[str]:
    """The patterns of the application itself, so that what has no rule is found here."""
    from autograder.hub.gate import Gate
    from autograder.hub.server import application

    app = application(hub.root("cnn"), "cnn", None, "/services/cnn/")
    rules = [rule for outer in app.default_router.rules for rule in getattr(outer.target, "rules", [])]
    found = {rule.matcher.regex.pattern.removeprefix("/services/cnn").rstrip("$"): rule.target for rule in rules}
    assert not issubclass(found.pop("/oauth_callback"), Gate)  # the hub's way back: the one without a gate
    assert all(issubclass(handler, Gate) and handler.needs for handler in found.values()), found
    return list(found)


def example(pattern: str) -> str:
    """Return a path that the pattern matches, about nothing that there is."""
    path = pattern.replace(r"(?P<submission_id>[^/]+)", "none").replace(
        "(?P<action>next_incorrect|prev_incorrect|", "("
    )
    path = re.sub(r"\((\w+)\|[^)]*\)", r"\1", path)
    path = path.replace("([^/]+)", "none").replace("(.*)", "none.txt").replace("/?", "").replace("\\", "")
    assert re.fullmatch(pattern, path), (pattern, path)
    return path


def test_every_route_of_the_application_has_a_rule_and_every_rule_a_route(routes: list[str]) -> None:
    assert sorted(routes) == sorted(RULES)


FALLS = {(r"/formgrader/api/student/([^/]+)", "PUT"), (r"/formgrader/api/assignment/([^/]+)", "PUT")}
"""nbgrader's own, which fall over a body that is not there: whoever sees that was let in."""


@pytest.mark.parametrize("kind", ["WithCookie", "WithToken"])
@pytest.mark.parametrize("name", list(PEOPLE))
def test_everybody_may_do_what_the_table_says_and_nothing_else(
    visitors: Mapping[tuple[str, str], Visitor], routes: list[str], name: str, kind: str
) -> None:
    visitor, rights = visitors[name, kind], rights_of(PEOPLE[name], "cnn")
    for pattern in routes:
        for method in METHODS:
            needed = RULES[pattern].get("GET" if method == "HEAD" else method)
            answer = visitor.asks(example(pattern), method)
            if needed is not None and needed in rights:
                fell = answer.status_code >= 500 and (pattern, method) not in FALLS
                done = answer.status_code not in (302, 401, FORBIDDEN) and not fell
                assert done or _leads_on(answer), (pattern, method, answer.status_code)
            elif method in ("GET", "HEAD") and kind == "WithCookie" and answer.status_code == 302:
                assert "/hub/api/oauth2/authorize" in answer.headers["Location"], (pattern, method)  # has no cookie
            else:
                assert answer.status_code == FORBIDDEN, (name, pattern, method, answer.status_code)


def _leads_on(answer: requests.Response) -> bool:
    """Whether a redirect is one of the service's own pages to another one."""
    return answer.status_code == 302 and "/oauth2/" not in answer.headers["Location"]


@pytest.mark.parametrize("name", [STUDENT, ELSEWHERE, NOBODY])
def test_who_has_no_role_in_a_course_is_turned_away_by_the_hub_before_the_course_sees_them(
    hub: Demo, name: str
) -> None:
    visitor = WithCookie(hub, name)
    assert visitor.session.get(f"{hub.url}/services/cnn/course", timeout=30).status_code == FORBIDDEN


def test_somebody_teaches_one_course_and_is_a_student_of_another(hub: Demo) -> None:
    assert WithToken(hub, ELSEWHERE, "rnn").asks("/formgrader/gradebook").status_code == 200
    assert WithToken(hub, ELSEWHERE, "cnn").asks("/formgrader/gradebook").status_code == FORBIDDEN
    assert WithToken(hub, INSTRUCTOR, "rnn").asks("/formgrader/gradebook").status_code == FORBIDDEN


def test_strangers_are_asked_to_log_in_and_may_change_nothing(hub: Demo) -> None:
    stranger = Visitor(hub, "")
    for pattern, methods in RULES.items():
        for method in methods:
            answer = stranger.asks(example(pattern), method)
            if method == "GET":
                assert answer.status_code == 302 and "/hub/api/oauth2/authorize" in answer.headers["Location"], pattern
            else:
                assert answer.status_code == FORBIDDEN, (pattern, method)


@pytest.mark.parametrize("name", [GRADER, INSTRUCTOR, STAFF])
def test_nothing_is_changed_by_a_request_that_our_pages_did_not_send(
    visitors: Mapping[tuple[str, str], Visitor], name: str
) -> None:
    visitor = visitors[name, "WithCookie"]
    for pattern, methods in RULES.items():
        for method in methods.keys() - {"GET"}:
            assert visitor.asks(example(pattern), method, xsrf=False).status_code == FORBIDDEN, (pattern, method)
            foreign = {"_xsrf": secrets.token_hex(16)}
            assert visitor.asks(example(pattern), method, xsrf=False, data=foreign).status_code == FORBIDDEN, pattern


@pytest.mark.parametrize("name", [GRADER, INSTRUCTOR, STAFF])
def test_no_link_has_the_configuration_of_another_folder_loaded(
    visitors: Mapping[tuple[str, str], Visitor], name: str
) -> None:
    for pattern in RULES:
        for query in ("?path=/tmp", "?path=", "?a=1&path=/tmp/x", "?%70ath=/tmp"):
            assert visitors[name, "WithToken"].asks(example(pattern) + query).status_code == FORBIDDEN, pattern + query


@pytest.mark.parametrize(
    "path",
    [
        "/formgrader/submissions/none/..%2f..%2fgradebook.db",
        "/formgrader/submissions/none/%2e%2e/%2e%2e/gradebook.db",
        "/formgrader/static/%2e%2e/%2e%2e/handlers.py",
        "/formgrader/api/assignment/..%2f..%2fx",
        "/formgrader/api/assignment/%2e%2e",
        "/course/..%5c..%5cx/check",
        "/report/%2e%2e%00",
        "/formgrader/api/student/%252e%252e%252fx",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_no_path_of_dots_leads_anywhere(visitors: Mapping[tuple[str, str], Visitor], path: str, method: str) -> None:
    visitor = visitors[INSTRUCTOR, "WithToken"]
    request = requests.Request(method, "http://x", headers=dict(visitor.session.headers)).prepare()
    request.url = visitor._base + path  # requests would tidy it up
    answer = visitor.session.send(request, allow_redirects=False, timeout=30)
    assert answer.status_code in (FORBIDDEN, 404), (path, method, answer.status_code)


@pytest.mark.parametrize(
    "path",
    ["/api/contents", "/api/kernels", "/api/terminals", "/api/sessions", "/files/gradebook.db", "/lab", "/tree", "/api",
     "/terminals/websocket/1", "/api/kernelspecs", "/login", "/formgrader/any", "/view/x", "/static/x", "/custom/x"],
)  # fmt: skip
def test_there_is_no_file_no_kernel_and_no_terminal_for_anybody(
    visitors: Mapping[tuple[str, str], Visitor], path: str
) -> None:
    for name in (INSTRUCTOR, STAFF, GRADER):
        for method in ("GET", "POST"):
            assert visitors[name, "WithToken"].asks(path, method).status_code == 404, (name, path)


def test_no_student_reaches_another_ones_server_or_learns_who_there_is(hub: Demo) -> None:
    one = WithCookie(hub, STUDENT).session
    for path in (f"/user/{FELLOW}/api/contents", f"/user/{FELLOW}/lab", f"/hub/spawn/{FELLOW}"):
        assert one.get(hub.url + path, timeout=30).status_code in (403, 404), path
    token = WithToken(hub, STUDENT).session.headers["Authorization"]
    for path in ("users", "groups", f"users/{FELLOW}", "services/cnn", "proxy"):
        answer = requests.get(f"{hub.url}/hub/api/{path}", headers={"Authorization": str(token)}, timeout=30)
        assert answer.status_code in (403, 404), path


def test_who_gets_a_role_or_loses_it_has_its_rights_or_loses_them_in_the_same_session(hub: Demo) -> None:
    grader = WithCookie(hub, GRADER)
    group = f"{hub.url}/hub/api/groups/staff-cnn/users"
    admin = {"Authorization": f"token {ADMIN_TOKEN}"}
    assert grader.asks("/course").status_code == FORBIDDEN
    assert requests.post(group, json={"users": [GRADER]}, headers=admin, timeout=30).ok
    try:
        until(lambda: grader.asks("/course").status_code == 200)
    finally:
        assert requests.delete(group, json={"users": [GRADER]}, headers=admin, timeout=30).ok
    until(lambda: grader.asks("/course").status_code == FORBIDDEN)


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT ROOT: the hub's people are one account, which is NOT sound")
def test_the_audit_finds_nothing_on_a_hub_that_we_set_up(hub: Demo) -> None:
    from autograder.hub.audit import audit, read_hub

    found = read_hub(hub.config)
    assert set(found.groups["nbgrader-cnn"]) >= {STUDENT, FELLOW} and len(found.courses) == 2
    assert audit(found) == []


@pytest.mark.parametrize(("name", "shown"), [(STAFF, ["cnn"]), (ELSEWHERE, ["rnn"]), (STUDENT, []), (NOBODY, [])])
def test_the_hubs_menu_shows_a_course_to_those_who_teach_it_and_to_nobody_else(
    hub: Demo, name: str, shown: list[str]
) -> None:
    home = WithCookie(hub, name).session.get(f"{hub.url}/hub/home", timeout=30).text
    assert sorted(set(re.findall(r'href="/services/([^/"]+)/"', home))) == shown


@pytest.mark.parametrize("name", [STUDENT, "root", f"aghub-{TAG}c-cnn", "postgres", ""])
def test_nobody_gets_in_without_a_password_of_their_own(hub: Demo, name: str) -> None:
    for password in ("", "wrong", hub.passwords[FELLOW]):
        session = requests.Session()
        found = re.search(r'name="_xsrf" value="([^"]+)"', session.get(f"{hub.url}/hub/login", timeout=30).text)
        assert found
        form = {"_xsrf": found[1], "username": name, "password": password}
        answer = session.post(f"{hub.url}/hub/login?next=/hub/home", data=form, timeout=30)
        assert answer.status_code == FORBIDDEN, (name, password)
        session.close()
