"""The folder of each course, and the account that it belongs to."""

from __future__ import annotations

import pwd
import shlex
from collections.abc import Iterator
from pathlib import Path

from autograder.hub.audit.accounts import (
    READ,
    WRITE,
    Accounts,
    first_open,
    has_password,
    inside,
    is_sticky,
    named,
    open_to_sandboxes,
    owner_of,
    quoted,
)
from autograder.hub.audit.finding import Finding, Hub
from autograder.hub.config import Course

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


def of_folder(course: Course, accounts: Accounts) -> Iterator[Finding]:
    root, owner = Path(course.root), course.account
    if not (root / "course" / "course.toml").is_file():
        yield Finding(str(root), "there is no course here.", "Name the folder with nbgrader_config.py in configure().")
        return
    mine = {owner} if owner else set()
    closing = f"chmod 700 {shlex.quote(str(root))}"
    for name, what in SECRET:
        for path in first_open(root / name, lambda p: accounts.who(p, READ, mine)):
            who = named(accounts.who(path, READ, mine), accounts)
            yield Finding(str(path), f"{who} may read {what}.", closing)
    for data in sorted(root.glob("data/*/hidden")):
        if open_one := next(first_open(data, lambda p: accounts.who(p, READ, mine)), None):
            who = named(accounts.who(open_one, READ, mine), accounts)
            yield Finding(str(open_one), f"{who} may read hidden images and labels.", f"chmod -R go= {quoted(data)}")
    for path in (*reversed(root.resolve().parents), root, root / "nbgrader_config.py", *inside(root, ("course",))):
        if is_sticky(path):
            continue  # as /tmp: nobody can put another file in the place of somebody else's
        if who_may := accounts.who(path, WRITE, mine):
            yield Finding(
                str(path),
                f"{named(who_may, accounts)} may change what runs as the course's account, and with it every grade.",
                f"chmod go-w {quoted(path)}",
            )
    secret = root / ".secret"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield Finding(str(secret), "it is open to others than its owner.", f"chmod 600 {quoted(secret)}")
    if owner:
        yield from _owned(root, owner)


def _owned(root: Path, owner: str) -> Iterator[Finding]:
    try:
        uid = pwd.getpwnam(owner).pw_uid
    except KeyError:
        return  # told by of_account()
    mending = f"chown -R {shlex.quote(owner)}: {quoted(root)}"
    for path in (root, root / "gradebook.db", root / "records", root / ".secret", root / "course"):
        if path.exists() and path.stat().st_uid != uid:
            yield Finding(
                str(path), f"it belongs to {owner_of(path)}, and not to the course's account {owner}.", mending
            )
            return
    for kernel in sorted(root.glob("data/*/kernel")):
        if closed := next((p for p in (kernel, *kernel.rglob("*")) if not open_to_sandboxes(p)), None):
            what = "student code cannot read it inside a sandbox, so grading will fail."
            yield Finding(str(closed), what, f"chmod -R o+rX {quoted(kernel)}")


def of_account(course: Course, hub: Hub, accounts: Accounts) -> Iterator[Finding]:
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
    if has_password(name):
        what = "it has a password: who knows it has a shell as the course."
        yield Finding(f"account {name}", what, f"passwd --lock {shlex.quote(name)}")
    home = Path(found.pw_dir)
    if home.is_dir() and (who := accounts.who(home, READ, {name})):
        yield Finding(str(home), f"{named(who, accounts)} may read the home of {name}.", f"chmod 700 {quoted(home)}")
