"""What add_desk() makes of a hub's configuration."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets.config import Config

from autograder.desk import add_desk
from autograder.errors import AutograderError


def made(c: Any = None) -> Any:
    c = Config() if c is None else c
    add_desk(c, "cnn", "/srv/courses/cnn", account="course-cnn", port=9201)
    return c


def roles(c: Any) -> dict[str, Any]:
    return {role["name"]: role for role in c.JupyterHub.load_roles}


def test_a_desk_runs_as_the_courses_account_and_may_ask_the_hub_nothing() -> None:
    c = made()
    (service,) = c.JupyterHub.services
    assert (service["name"], service["user"], service["url"]) == ("desk-cnn", "course-cnn", "http://127.0.0.1:9201")
    assert not service.get("admin") and not any("services" in role for role in c.JupyterHub.load_roles)


def test_only_its_students_reach_it_and_their_servers_may() -> None:
    found = roles(made())
    assert found["desk-cnn"]["groups"] == ["nbgrader-cnn"]
    assert found["desk-cnn"]["scopes"] == ["access:services!service=desk-cnn"]
    assert {"access:services!service=desk-cnn", "read:users:groups!user"} <= set(found["server"]["scopes"])


def test_two_desks_stand_side_by_side_and_what_was_there_stays() -> None:
    c = Config()
    c.JupyterHub.services = [{"name": "mine"}]
    c.JupyterHub.load_groups = {"nbgrader-cnn": {"users": ["ada"]}}
    c.JupyterHub.load_roles = [{"name": "server", "scopes": ["users:activity!user"]}]
    c.Spawner.environment = {"A": "1", "AUTOGRADER_DESK": "http://here/COURSE"}
    add_desk(made(c), "rnn", "/srv/courses/rnn", account="course-rnn", port=9202)
    assert [service["name"] for service in c.JupyterHub.services] == ["mine", "desk-cnn", "desk-rnn"]
    assert c.JupyterHub.load_groups == {"nbgrader-cnn": {"users": ["ada"]}, "nbgrader-rnn": {"users": []}}
    assert [role["name"] for role in c.JupyterHub.load_roles].count("server") == 1
    assert roles(c)["server"]["scopes"] == [
        "users:activity!user", "access:services!service=desk-cnn", "access:services!service=desk-rnn",
    ]  # fmt: skip
    assert c.Spawner.environment == {"A": "1", "AUTOGRADER_DESK": "http://here/COURSE"}


def test_two_services_on_one_port_are_said_before_the_hub_starts() -> None:
    with pytest.raises(AutograderError, match="desk-rnn and the service desk-cnn"):
        add_desk(made(), "rnn", "/srv/courses/rnn", account="course-rnn", port=9201)


def test_a_server_that_inherits_all_that_its_user_may_is_left_so() -> None:
    c = Config()
    c.JupyterHub.load_roles = [{"name": "server", "scopes": ["inherit"]}]
    assert roles(made(c))["server"]["scopes"] == ["inherit"]
