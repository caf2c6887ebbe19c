"""What is unsafe on a machine with courses of ours, in plain words, and the command that mends it. Changes nothing.

Permissions are worked out from the modes of a file and of every folder above it, for each account of the machine. So it
must be run as root: nobody else sees all of that.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shlex
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.hub.config import Course
from autograder.hub.roles import PREFIXES, Role, group

READ, WRITE, PASS = 4, 2, 1

SHOWN = 5
"""Names or files of one finding that are listed."""


@dataclass(frozen=True)
class Finding:
    """One unsafe thing: what somebody could do, and the command after which they cannot."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    {self.remedy}"


@dataclass(frozen=True)
class Hub:
    """What a hub's configuration and database say."""

    courses: Sequence[Course] = ()
    exchange: Path | None = None
    config: Path | None = None
    services: Sequence[Mapping[str, Any]] = ()
    roles: Sequence[Mapping[str, Any]] = ()
    authenticator: str = ""
    address: str = ""
    spawner_hook: bool = True
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    private: Sequence[Path] = ()  # its database, its cookie secret


def audit(hub: Hub) -> list[Finding]:
    """Return what is unsafe, the worst kinds first."""
    accounts = Accounts()
    found: list[Finding] = []
    for course in hub.courses:
        found += _course(course, accounts)
        found += _account(course, hub, accounts)
    if hub.exchange is not None:
        found += _exchange(hub.exchange, hub.courses, accounts)
    found += _homes(hub, accounts)
    found += _hub(hub, accounts)
    return found


class Accounts:
    """Who may do what with a file, by its mode. Root may do everything, and is left out."""

    @cached_property
    def all(self) -> dict[str, tuple[int, frozenset[int]]]:
        groups: dict[str, set[int]] = {}
        for one in grp.getgrall():
            for name in one.gr_mem:
                groups.setdefault(name, set()).add(one.gr_gid)
        return {
            one.pw_name: (one.pw_uid, frozenset({one.pw_gid} | groups.get(one.pw_name, set())))
            for one in pwd.getpwall()
            if one.pw_uid
        }

    def who(self, path: Path, wanted: int, but: Collection[str] = ()) -> list[str]:
        """Return the accounts that may: pass through to path, and do there what is wanted."""
        try:
            real = path.resolve(strict=True)
            needs = [(folder.stat(), PASS) for folder in reversed(real.parents)] + [(real.stat(), wanted)]
        except OSError:
            return []
        return [
            name for name, (uid, gids) in self.all.items()
            if name not in but and all(_may(about, uid, gids, bits) for about, bits in needs)
        ]  # fmt: skip


def _may(about: os.stat_result, uid: int, gids: Collection[int], wanted: int) -> bool:
    shift = 6 if about.st_uid == uid else 3 if about.st_gid in gids else 0
    return (about.st_mode >> shift) & wanted == wanted


def named(names: Sequence[str], accounts: Accounts) -> str:
    """Put names into words: everybody, or who they are."""
    if len(names) >= len(accounts.all) - 3:
        return "everybody with an account"
    shown = ", ".join(names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} others" if len(names) > SHOWN else "")


# -- a course ----------------------------------------------------------------------------------------------------------

SECRET = (
    ("course", "keys and hidden inputs"),
    ("source", "solutions"),
    ("solutions", "solutions"),
    ("gradebook.db", "everybody's grades"),
    ("records", "everybody's answers and models"),
    ("submitted", "everybody's submissions"),
    ("autograded", "everybody's submissions"),
    ("feedback", "everybody's feedback"),
    (".secret", "the key that hidden images are drawn with"),
)


def _course(course: Course, accounts: Accounts) -> Iterator[Finding]:
    root, owner = Path(course.root), course.account
    if not (root / "course" / "course.toml").is_file():
        yield Finding(str(root), "there is no course here.", "Name the folder with nbgrader_config.py in configure().")
        return
    mine = {owner} if owner else set()
    closing = f"chmod 700 {shlex.quote(str(root))}"
    for name, what in SECRET:
        for path in _first_open(root / name, lambda p: accounts.who(p, READ, mine)):
            who = named(accounts.who(path, READ, mine), accounts)
            yield Finding(str(path), f"{who} may read {what}.", closing)
    for data in sorted(root.glob("data/*/hidden")):
        if open_one := next(_first_open(data, lambda p: accounts.who(p, READ, mine)), None):
            who = named(accounts.who(open_one, READ, mine), accounts)
            yield Finding(str(open_one), f"{who} may read hidden images and labels.", f"chmod -R go= {_quoted(data)}")
    for path in (*reversed(root.resolve().parents), root, root / "nbgrader_config.py", *_inside(root, ("course",))):
        if _is_sticky(path):
            continue  # as /tmp: nobody can put another file in the place of somebody else's
        if who_may := accounts.who(path, WRITE, mine):
            yield Finding(
                str(path),
                f"{named(who_may, accounts)} may change what runs as the course's account, and with it every grade.",
                f"chmod go-w {_quoted(path)}",
            )
    secret = root / ".secret"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield Finding(str(secret), "it is open to others than its owner.", f"chmod 600 {_quoted(secret)}")
    if owner:
        yield from _owned(root, owner)


def _owned(root: Path, owner: str) -> Iterator[Finding]:
    try:
        uid = pwd.getpwnam(owner).pw_uid
    except KeyError:
        return  # told by _account
    mending = f"chown -R {shlex.quote(owner)}: {_quoted(root)}"
    for path in (root, root / "gradebook.db", root / "records", root / ".secret", root / "course"):
        if path.exists() and path.stat().st_uid != uid:
            yield Finding(
                str(path), f"it belongs to {_owner_of(path)}, and not to the course's account {owner}.", mending
            )
            return
    for kernel in sorted(root.glob("data/*/kernel")):
        if closed := next((p for p in (kernel, *kernel.rglob("*")) if not _open_to_sandboxes(p)), None):
            what = "student code cannot read it inside a sandbox, so grading will fail."
            yield Finding(str(closed), what, f"chmod -R o+rX {_quoted(kernel)}")


def _account(course: Course, hub: Hub, accounts: Accounts) -> Iterator[Finding]:
    name = course.account
    if not name:
        what = "its service runs as whoever runs the hub: a hole in it is one in the hub."
        yield Finding(f"course {course.id}", what, f"useradd --system course-{course.id}; account= in configure()")
        return
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        making = f"useradd --create-home --shell /usr/sbin/nologin {shlex.quote(name)}"
        yield Finding(f"course {course.id}", f"there is no account {name} for it.", making)
        return
    if any(name in members for members in hub.groups.values()):
        what = f"{name} is a user of the hub: who logs in by that name has a shell as the course."
        yield Finding(
            f"account {name}", what, "Take it out of all groups, and delete the user in the hub's admin page."
        )
    if _has_password(name):
        what = "it has a password: who knows it has a shell as the course."
        yield Finding(f"account {name}", what, f"passwd --lock {shlex.quote(name)}")
    home = Path(found.pw_dir)
    if home.is_dir() and (who := accounts.who(home, READ, {name})):
        yield Finding(str(home), f"{named(who, accounts)} may read the home of {name}.", f"chmod 700 {_quoted(home)}")


# -- what is shared ----------------------------------------------------------------------------------------------------


def _exchange(exchange: Path, courses: Sequence[Course], accounts: Accounts) -> Iterator[Finding]:
    if not exchange.is_dir():
        making = f"mkdir -p {_quoted(exchange)} && chmod 1777 {_quoted(exchange)}"
        yield Finding(str(exchange), "the exchange is missing, so nothing can be released.", making)
        return
    if not _is_sticky(exchange) and accounts.who(exchange, WRITE, {course.account for course in courses}):
        what = "any student may put a folder of theirs in the place of a course's, and hand out what they like."
        yield Finding(str(exchange), what, f"chmod 1777 {_quoted(exchange)}")
    for course in courses:
        place, mine = exchange / course.id, {course.account}
        if not place.is_dir():
            continue  # nothing is released yet
        if course.account and _owner_of(place) != course.account:
            what = f"it belongs to {_owner_of(place)}, who may release in the course's name."
            yield Finding(str(place), what, f"chown -R {shlex.quote(course.account)}: {_quoted(place)}")
        for path in (place, place / "outbound", place / "feedback"):
            if path.is_dir() and (who := accounts.who(path, WRITE, mine)):
                what = f"{named(who, accounts)} may change what students fetch."
                yield Finding(str(path), what, f"chmod go-w {_quoted(path)}")
        inbound = place / "inbound"
        if _trusts_names(Path(course.root)) and (who := accounts.who(inbound, WRITE | PASS, mine)):
            what = f"{named(who, accounts)} may hand in under any name: nbgrader_config.py sets check_owner = False."
            remedy = "Move the exchange into the course's own folder and have students use the desk (docs/desk.md)."
            yield Finding(str(inbound), what, remedy)
        for path, what in ((place / "inbound", "who handed in, and take it"), (place / "feedback", "others' feedback")):
            if path.is_dir() and (who := accounts.who(path, READ, mine)):
                yield Finding(str(path), f"{named(who, accounts)} may see {what}.", f"chmod go-r {_quoted(path)}")


def _trusts_names(root: Path) -> bool:
    """Whether collecting goes by names alone. Read and not run: it is the course's program, and we are root."""
    try:
        text = (root / "nbgrader_config.py").read_text("utf-8", "replace")
    except OSError:
        return False
    return re.search(r"(?m)^[^#\n]*check_owner\s*=\s*False", text) is not None


def _homes(hub: Hub, accounts: Accounts) -> Iterator[Finding]:
    for name in sorted({name for members in hub.groups.values() for name in members}):
        try:
            home = Path(pwd.getpwnam(name).pw_dir)
        except KeyError:
            continue  # no account of this machine
        if home.is_dir() and (who := accounts.who(home, READ | PASS, {name})):
            what = f"{named(who, accounts)} may read what {name} works on."
            yield Finding(str(home), what, f"chmod 700 {_quoted(home)}")


# -- the hub -----------------------------------------------------------------------------------------------------------


def _hub(hub: Hub, accounts: Accounts) -> Iterator[Finding]:
    ids = {course.id: course for course in hub.courses}
    if hub.config is not None:
        for path in (hub.config, *reversed(hub.config.resolve().parents)):
            if not _is_sticky(path) and (who := accounts.who(path, WRITE)):
                what = f"{named(who, accounts)} may change what the hub does as root."
                yield Finding(str(path), what, f"chmod go-w {_quoted(path)}")
    for path in hub.private:
        if path.exists() and (who := accounts.who(path, READ)):
            what = f"{named(who, accounts)} may read it, and be anybody on the hub."
            yield Finding(str(path), what, f"chmod 600 {_quoted(path)}")
    for service in hub.services:
        name, course = service.get("name", ""), _of_service(service.get("name", ""), ids)
        if course is None:
            continue
        if service.get("admin"):
            what = "it may do everything on the hub, and needs nothing of it."
            yield Finding(f"service {name}", what, "Take admin=True out of the hub's configuration.")
        if service.get("user", "") != course.account:
            what = f"it runs as {service.get('user') or 'the hub'}, and not as {course.account or 'the hub'}."
            yield Finding(f"service {name}", what, "Leave it to configure(), and set no user for it after that.")
        if "autograder.hub.server" not in service.get("command", ()) and name == course.id:
            what = (
                "it is another program than the guarded one: graders may get files and a shell of the course's account."
            )
            yield Finding(f"service {name}", what, "Leave it to configure(), and set no command for it after that.")
    yield from _scopes(hub, ids)
    for course_id in ids:
        both = set(hub.groups.get(group(Role.STUDENT, course_id), ())) & {
            name for role in (Role.GRADER, Role.INSTRUCTOR) for name in hub.groups.get(group(role, course_id), ())
        }
        for name in sorted(both):
            what = f"{name} is a student there, and may grade: also their own work."
            yield Finding(
                f"course {course_id}", what, f"Take {name} out of one of the two groups in the hub's admin page."
            )
    if hub.authenticator.rpartition(".")[2] in _PRACTICE and not _is_local(hub.address):
        what = f"{hub.authenticator} lets in whoever knows one password, and the hub listens at {hub.address}."
        yield Finding("the hub", what, "Set c.JupyterHub.authenticator_class to one with accounts (PAM, LTI, OAuth).")
    if hub.courses and not hub.spawner_hook:
        what = (
            "users' servers do not load what configure() sets up, but nbgrader's own formgrader with its ?path= hole."
        )
        yield Finding("the hub", what, "Set c.Spawner.pre_spawn_hook before configure(), which calls it; not after.")


_PRACTICE = {"dummy", "DummyAuthenticator", "shared-password", "SharedPasswordAuthenticator", "DemoAuthenticator"}


def _of_service(name: str, courses: Mapping[str, Course]) -> Course | None:
    return courses.get(name) or courses.get(name.removeprefix("watch-")) or courses.get(name.removeprefix("desk-"))


def _scopes(hub: Hub, courses: Mapping[str, Course]) -> Iterator[Finding]:
    """Whether anybody but those who teach a course can reach its service, and what courses' services may do."""
    for role in hub.roles:
        name, scopes = str(role.get("name", "")), [str(scope) for scope in role.get("scopes", ())]
        who = [*role.get("groups", ()), *role.get("users", ()), *(("everybody",) if name in ("user", "server") else ())]
        for course_id in courses:
            teaching = {group(one, course_id) for one in PREFIXES if one is not Role.STUDENT}
            reach = {"access:services", f"access:services!service={course_id}"} & set(scopes)
            others = [one for one in who if one not in teaching]
            if reach and others:
                what = f"it lets {', '.join(others[:SHOWN])} reach the service of {course_id}."
                yield Finding(f"role {name}", what, f"Take {', '.join(sorted(reach))} out of it.")
        served = [one for one in role.get("services", ()) if _of_service(one, courses)]
        if served and scopes:
            what = f"it lets {', '.join(served)} do {', '.join(scopes[:SHOWN])}, which it needs not."
            yield Finding(f"role {name}", what, "Take the service out of it.")


def _is_local(address: str) -> bool:
    return any(f"//{host}" in address for host in ("127.", "localhost", "[::1]"))


# -- files -------------------------------------------------------------------------------------------------------------


def _first_open(path: Path, who: Callable[[Path], list[str]]) -> Iterator[Path]:
    """Yield the first file or folder at path or below that somebody may read; looks into no folder that is closed."""
    if not path.exists() or path.is_symlink():
        return
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            here = Path(folder)
            if opened := next((here / name for name in sorted(files) if who(here / name)), None):
                yield opened
                return
            if who(here):
                yield here
                return
            folders[:] = sorted(folders) if _anybody_passes(here) else []
    elif who(path):
        yield path


def _anybody_passes(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o011)


def _inside(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        yield root / name
        yield from (path for path in sorted((root / name).rglob("*")) if "__pycache__" not in path.parts)


def _is_sticky(path: Path) -> bool:
    try:
        return path.is_dir() and bool(path.stat().st_mode & stat.S_ISVTX)
    except OSError:
        return False


def _open_to_sandboxes(path: Path) -> bool:
    needed = 0o005 if path.is_dir() else 0o004
    return path.stat().st_mode & needed == needed


def _owner_of(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the user {uid}"


def _has_password(name: str) -> bool:
    """Whether an account can be logged into by a password: /etc/shadow has one for it."""
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    kept = next((line.split(":")[1] for line in lines if line.startswith(f"{name}:")), "!")
    return not kept.startswith(("!", "*"))


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


# -- what a hub says ---------------------------------------------------------------------------------------------------


def one_course(root: Path) -> Hub:
    """Return what can be said of a course without its hub: who owns its folder runs it."""
    from autograder.nbgrader_ext.places import exchange_of

    exchange, name = exchange_of(root)
    return Hub((Course(name, root, "" if root.stat().st_uid == 0 else _owner_of(root)),), exchange)


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
