"""What a hub's jupyterhub_config.py needs for a desk.

from autograder.desk import add_desk
add_desk(c, "cnn", "/srv/courses/cnn", account="course-cnn", port=9201)
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError

SERVER = ["users:activity!user", "access:servers!server", "read:users:name!user", "read:users:groups!user"]
"""What a user's server may ask the hub: as ever, and in which groups its user is: nbgrader lists courses by that."""


def service(course: str) -> str:
    return f"desk-{course}"


def add_desk(c: Any, course: str, root: str | Path, *, account: str, port: int, url: str = "") -> None:
    """Have the hub start the desk of a course, and let its students' servers in. What c says already stays.

    url: where students' servers find desks: an address of the hub, with COURSE for the course. Default: port 8000 of
    this machine, which is right where they run on it, too.
    """
    name, address = service(course), f"http://127.0.0.1:{port}"
    section = c.JupyterHub
    there = list(section.services) if "services" in section else []
    for other in there:
        if other.get("url") == address or other["name"] == name:
            raise AutograderError(f"{name} and the service {other['name']} have a port or a name in common.")
    c.JupyterHub.services = [
        *there,
        {
            "name": name,
            "url": address,
            "command": [sys.executable, "-m", "autograder.desk.server", "--course", str(root)],
            "cwd": str(root),
            "user": account,
            "display": False,
        },
    ]
    roles = [dict(role) for role in section.load_roles] if "load_roles" in section else []
    entering = f"access:services!service={name}"
    roles.append(
        {"name": name, "description": f"Hands in to {course}", "scopes": [entering], "groups": [f"nbgrader-{course}"]}
    )
    server = next((role for role in roles if role["name"] == "server"), None)
    if server is None:
        server = {"name": "server", "scopes": list(SERVER)}
        roles.append(server)
    if "inherit" not in server["scopes"]:
        # A token can do only what its user may do, too: this opens no desk to those who are no students.
        server["scopes"] = [*server["scopes"], entering]
    c.JupyterHub.load_roles = roles
    groups = dict(section.load_groups) if "load_groups" in section else {}
    groups.setdefault(f"nbgrader-{course}", {"users": []})
    c.JupyterHub.load_groups = groups
    known = dict(c.Spawner.environment) if "environment" in c.Spawner else {}
    known.setdefault("AUTOGRADER_DESK", url or "http://127.0.0.1:8000/services/desk-COURSE")
    c.Spawner.environment = known
