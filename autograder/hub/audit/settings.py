"""What the hub's configuration lets whom do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.hub.audit.accounts import READ, WRITE, Accounts, is_sticky, named, quoted
from autograder.hub.audit.finding import SHOWN, Finding, Hub
from autograder.hub.config import Course
from autograder.hub.roles import PREFIXES, Role, group


def of_hub(hub: Hub, accounts: Accounts) -> Iterator[Finding]:
    ids = {course.id: course for course in hub.courses}
    if hub.config is not None:
        for path in (hub.config, *reversed(hub.config.resolve().parents)):
            if not is_sticky(path) and (who := accounts.who(path, WRITE)):
                what = f"{named(who, accounts)} may change what the hub does as root."
                yield Finding(str(path), what, f"chmod go-w {quoted(path)}")
    for path in hub.private:
        if path.exists() and (who := accounts.who(path, READ)):
            what = f"{named(who, accounts)} may read it, and be anybody on the hub."
            yield Finding(str(path), what, f"chmod 600 {quoted(path)}")
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
