"""A hub's configuration and groups, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.hub.audit.accounts import owner_of
from autograder.hub.audit.finding import Hub
from autograder.hub.config import Course


def one_course(root: Path) -> Hub:
    """Return what can be said of a course without its hub: who owns its folder runs it."""
    from autograder.nbgrader_ext.places import exchange_of

    exchange, name = exchange_of(root)
    return Hub((Course(name, root, "" if root.stat().st_uid == 0 else owner_of(root)),), exchange)


def read_hub(config: Path) -> Hub:
    """Read jupyterhub_config.py as the hub does, by running it, and who is in which group. AutograderError: why not."""
    from traitlets.config.loader import PyFileConfigLoader

    try:
        c: Any = PyFileConfigLoader(config.name, path=str(config.parent)).load_config()
    except ImportError as error:
        how = "Run the autograder of the hub's own environment, as the hub runs its Python."
        raise AutograderError(f"{config} cannot be read: {error}. {how}") from error
    except Exception as error:
        raise AutograderError(f"{config} cannot be read: {type(error).__name__}: {error}") from error
    if not c.Autograder.get("courses"):
        raise AutograderError(f"{config} sets up no course: call autograder.hub.configure() in it (docs/hub.md).")
    kept = c.JupyterHub
    database = str(kept.get("db_url", "sqlite:///jupyterhub.sqlite"))
    files = [config.parent / str(kept.get("cookie_secret_file", "jupyterhub_cookie_secret"))]
    if database.startswith("sqlite:///"):
        files.append(config.parent / database.removeprefix("sqlite:///"))
    groups = {name: set(about.get("users", ())) for name, about in dict(kept.get("load_groups", {})).items()}
    for name, members in _members(files[-1] if database.startswith("sqlite:///") else None).items():
        groups.setdefault(name, set()).update(members)
    chosen = kept.get("authenticator_class", "pam")
    hook = c.Spawner.get("pre_spawn_hook")
    return Hub(
        courses=c.Autograder.courses,
        exchange=Path(c.Autograder.exchange),
        config=config,
        services=kept.get("services", ()),
        roles=kept.get("load_roles", ()),
        authenticator=chosen if isinstance(chosen, str) else chosen.__name__,
        address=str(kept.get("bind_url", f"http://{kept.get('ip', '') or '*'}:8000")),
        spawner_hook=getattr(hook, "__module__", "") == "autograder.hub.config",
        groups=groups,
        private=files,
    )


def _members(database: Path | None) -> dict[str, set[str]]:
    """Return who is in which group by the hub's own SQLite file; nothing where there is none yet."""
    import sqlite3

    if database is None or not database.is_file():
        return {}
    asked = (
        "SELECT g.name, u.name FROM groups g "
        "JOIN user_group_map m ON m.group_id = g.id JOIN users u ON u.id = m.user_id"
    )
    found: dict[str, set[str]] = {}
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            for name, user in connection.execute(asked):
                found.setdefault(name, set()).add(user)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise AutograderError(f"The groups in {database} cannot be read: {error}") from error
    return found
