"""What a hub's jupyterhub_config.py needs for courses of ours: services, roles, groups, what a user's Jupyter loads.

from autograder.hub import Course, configure
configure(c, [Course("cnn", "/srv/courses/cnn", account="course-cnn", port=9101)])
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import Any

from autograder.desk.config import SERVER
from autograder.errors import AutograderError
from autograder.hub.roles import Role, group, roles_of

CONFIG = Path(__file__).parent / "jupyter"
"""Folders for JUPYTER_CONFIG_PATH. Nothing of it lies in a home, so a change holds for all at their next start."""

EXCHANGE = Path("/usr/local/share/nbgrader/exchange")
"""nbgrader's own default."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Course:
    """One course on a hub. Its groups are nbgrader-<id>, formgrade-<id>, instructor-<id> and staff-<id>."""

    id: str  # as in course.toml; also its service's name: /services/<id>/
    root: str | Path
    account: str = ""  # the Unix account that owns it and is nobody's; "": the hub's own
    port: int = 9101  # of its service, on 127.0.0.1 alone
    workers: int = 2  # notebooks that `autograder watch` runs at the same time
    metrics: int = 0  # where it serves its numbers for Prometheus, on 127.0.0.1; 0: nowhere

    @property
    def watch(self) -> str:
        """The name of the service that grades as students hand in."""
        return f"watch-{self.id}"


def configure(
    c: Any, courses: Sequence[Course], *, exchange: str | Path = EXCHANGE, kernel: str | Path | None = None
) -> None:
    """Add the courses to the hub's configuration c. What c says already stays, and more may be added after it.

    exchange: the folder that all courses and students share; set c.Exchange.root in each course's nbgrader_config.py to
    the same. kernel: the environment with TensorFlow; default: .kernel in the course's folder.
    """
    _check(courses)
    services = _list(c.JupyterHub, "services")
    roles = _list(c.JupyterHub, "load_roles")
    for course in courses:
        services += _services(course, kernel)
        roles.append(_role(course))
    if not any(role.get("name") == "server" for role in roles):
        roles.append({"name": "server", "scopes": list(SERVER)})
    c.JupyterHub.services, c.JupyterHub.load_roles = services, roles
    groups = dict(c.JupyterHub.load_groups) if "load_groups" in c.JupyterHub else {}
    for course in courses:
        for role in Role:
            groups.setdefault(group(role, course.id), {"users": []})
    c.JupyterHub.load_groups = groups
    before = c.Spawner.pre_spawn_hook if "pre_spawn_hook" in c.Spawner else None
    c.Spawner.pre_spawn_hook = by_role([course.id for course in courses], Path(exchange), before)
    c.Autograder.courses = tuple(courses)  # for `autograder audit`
    c.Autograder.exchange = str(exchange)


def by_role(courses: Sequence[str], exchange: Path, before: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    """Return a pre_spawn_hook that has Jupyter load what its user's role in any of the courses needs."""

    async def hook(spawner: Any) -> None:
        if before is not None and isawaitable(waiting := before(spawner)):
            await waiting
        groups = {one.name for one in spawner.user.groups}
        writes = any(Role.STAFF in roles_of(groups, course) for course in courses)
        folders = [CONFIG / ("staff" if writes else "student"), CONFIG / "everybody"]
        # A copy: the same dictionary may be everybody's.
        spawner.environment = {
            **spawner.environment,
            "JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, folders)),
            "AUTOGRADER_EXCHANGE": str(exchange),
        }

    return hook


def _services(course: Course, kernel: str | Path | None) -> list[dict[str, Any]]:
    common: dict[str, Any] = {
        "cwd": str(course.root),
        "user": course.account,
        "environment": {"AUTOGRADER_KERNEL_ENV": str(kernel)} if kernel else {},
    }
    run = [sys.executable, "-m"]
    at = ["--course", str(course.root)]
    metrics = ["--metrics", str(course.metrics)] if course.metrics else []
    return [
        common | {
            "name": course.id,
            "url": f"http://127.0.0.1:{course.port}",
            "command": [*run, "autograder.hub.server", *at],
            "oauth_no_confirm": True,
        },
        common | {
            "name": course.watch,
            "command": [*run, "autograder.hub.watching", *at, "--workers", str(course.workers), *metrics],
            "display": False,
        },
    ]  # fmt: skip


def _role(course: Course) -> dict[str, Any]:
    """Return who may reach the course's service at all. What they may do there is the gate's to say."""
    return {
        "name": f"course-{course.id}",
        "description": f"Teaches {course.id}",
        "scopes": [
            f"access:services!service={course.id}",
            f"read:services!service={course.id}",
            f"list:services!service={course.id}",
        ],
        "groups": [group(role, course.id) for role in Role if role is not Role.STUDENT],
    }


def _check(courses: Sequence[Course]) -> None:
    names = [name for course in courses for name in (course.id, course.watch)]
    for what, found in (("name", names), ("port", [course.port for course in courses])):
        if len(set(found)) < len(found):
            raise AutograderError(
                f"Two courses of this hub have the same {what}: {sorted(found, key=str)}. Change one."
            )
    for course in courses:
        if not _ID.fullmatch(course.id):
            raise AutograderError(
                f"A hub takes a course's id of small letters, digits, - and _; this is {course.id!r}."
            )
        if course.account == "root":
            raise AutograderError(f"The course {course.id} must not run as root: make an account for it (docs/hub.md).")


def _list(section: Any, name: str) -> list[dict[str, Any]]:
    return list(section[name]) if name in section else []
