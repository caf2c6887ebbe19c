"""What configure() makes of a hub's configuration."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from autograder.errors import AutograderError
from autograder.hub.config import CONFIG, Course, by_role, configure

CNN = Course("cnn", "/srv/courses/cnn", account="course-cnn", port=9101)
RNN = Course("rnn", "/srv/courses/rnn", account="course-rnn", port=9102)


def made(*courses: Course, c: Any = None) -> Any:
    c = c or Config()
    configure(c, courses or (CNN, RNN), exchange="/srv/exchange", kernel="/opt/kernel")
    return c


def test_each_course_has_its_service_and_its_watcher_as_its_own_account() -> None:
    services = {service["name"]: service for service in made().JupyterHub.services}
    assert list(services) == ["cnn", "watch-cnn", "rnn", "watch-rnn"]
    assert services["rnn"]["user"] == services["watch-rnn"]["user"] == "course-rnn"
    assert services["rnn"]["url"] == "http://127.0.0.1:9102"
    assert not any(service.get("admin") or service.get("api_token") for service in services.values())


def test_only_those_who_teach_a_course_reach_its_service_and_services_may_do_nothing() -> None:
    roles = {role["name"]: role for role in made().JupyterHub.load_roles}
    assert roles["course-cnn"]["groups"] == ["formgrade-cnn", "instructor-cnn", "staff-cnn"]
    assert "access:services!service=cnn" in roles["course-cnn"]["scopes"]
    assert not any("services" in role for role in roles.values())


def test_what_the_administrator_said_before_stays() -> None:
    c = Config()
    c.JupyterHub.services = [{"name": "mine"}]
    c.JupyterHub.load_groups = {"nbgrader-cnn": {"users": ["ada"]}}
    c.JupyterHub.load_roles = [{"name": "server", "scopes": ["inherit"]}]
    made(CNN, c=c)
    assert c.JupyterHub.services[0] == {"name": "mine"}
    assert c.JupyterHub.load_groups["nbgrader-cnn"] == {"users": ["ada"]}
    assert set(c.JupyterHub.load_groups) == {"nbgrader-cnn", "formgrade-cnn", "instructor-cnn", "staff-cnn"}
    assert [role["scopes"] for role in c.JupyterHub.load_roles if role["name"] == "server"] == [["inherit"]]


@pytest.mark.parametrize(
    ("courses", "said"),
    [
        ((CNN, Course("cnn", "/x", port=9200)), "same name"),
        ((CNN, Course("watch-cnn", "/x", port=9200)), "same name"),
        ((CNN, Course("rnn", "/x", port=9101)), "same port"),
        ((Course("CNN 1", "/x"),), "'CNN 1'"),
        ((Course("../cnn", "/x"),), "'../cnn'"),
        ((Course("cnn", "/x", account="root"),), "root"),
    ],
)
def test_what_cannot_work_is_said_before_the_hub_starts(courses: tuple[Course, ...], said: str) -> None:
    with pytest.raises(AutograderError, match=said):
        made(*courses)


def loads(groups: list[str], before: Any = None) -> dict[str, str]:
    """Return the environment of somebody's server."""
    user = SimpleNamespace(groups=[SimpleNamespace(name=name) for name in groups])
    shared = {"PATH": "/usr/bin"}
    spawner = SimpleNamespace(user=user, environment=shared)
    asyncio.run(by_role(["cnn", "rnn"], Path("/srv/exchange"), before)(spawner))
    assert shared == {"PATH": "/usr/bin"}
    found: dict[str, str] = spawner.environment
    return found


@pytest.mark.parametrize(
    ("groups", "first"),
    [
        ([], "student"),
        (["nbgrader-cnn"], "student"),
        (["instructor-cnn", "formgrade-cnn"], "student"),
        (["nbgrader-cnn", "staff-rnn"], "staff"),
        (["staff-physics"], "student"),
    ],
)
def test_a_server_loads_what_its_users_role_needs(groups: list[str], first: str) -> None:
    folders = [Path(part) for part in loads(groups)["JUPYTER_CONFIG_PATH"].split(os.pathsep)]
    assert folders == [CONFIG / first, CONFIG / "everybody"]
    assert all(folder.is_dir() for folder in folders)


def test_the_administrators_own_hook_is_called_first() -> None:
    async def mine(spawner: Any) -> None:
        spawner.environment = {**spawner.environment, "MINE": "1"}

    assert loads([], mine)["MINE"] == "1"
