"""What all share: the exchange; and the homes, which nobody should."""

from __future__ import annotations

import pwd
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.hub.audit.accounts import PASS, READ, WRITE, Accounts, is_sticky, named, owner_of, quoted
from autograder.hub.audit.finding import Finding, Hub
from autograder.hub.config import Course


def of_exchange(folder: Path, courses: Sequence[Course], accounts: Accounts) -> Iterator[Finding]:
    if not folder.is_dir():
        making = f"mkdir -p {quoted(folder)} && chmod 1777 {quoted(folder)}"
        yield Finding(str(folder), "the exchange is missing, so nothing can be released.", making)
        return
    if not is_sticky(folder) and accounts.who(folder, WRITE, {course.account for course in courses}):
        what = "any student may put a folder of theirs in the place of a course's, and hand out what they like."
        yield Finding(str(folder), what, f"chmod 1777 {quoted(folder)}")
    for course in courses:
        place, mine = folder / course.id, {course.account}
        if not place.is_dir():
            continue  # nothing is released yet
        if course.account and owner_of(place) != course.account:
            what = f"it belongs to {owner_of(place)}, who may release in the course's name."
            yield Finding(str(place), what, f"chown -R {shlex.quote(course.account)}: {quoted(place)}")
        for path in (place, place / "outbound", place / "feedback"):
            if path.is_dir() and (who := accounts.who(path, WRITE, mine)):
                what = f"{named(who, accounts)} may change what students fetch."
                yield Finding(str(path), what, f"chmod go-w {quoted(path)}")
        inbound = place / "inbound"
        if _trusts_names(Path(course.root)) and (who := accounts.who(inbound, WRITE | PASS, mine)):
            what = f"{named(who, accounts)} may hand in under any name: nbgrader_config.py sets check_owner = False."
            remedy = "Move the exchange into the course's own folder and have students use the desk (docs/desk.md)."
            yield Finding(str(inbound), what, remedy)
        for path, what in ((place / "inbound", "who handed in, and take it"), (place / "feedback", "others' feedback")):
            if path.is_dir() and (who := accounts.who(path, READ, mine)):
                yield Finding(str(path), f"{named(who, accounts)} may see {what}.", f"chmod go-r {quoted(path)}")


def _trusts_names(root: Path) -> bool:
    """Whether collecting goes by names alone. Read and not run: it is the course's program, and we are root."""
    try:
        text = (root / "nbgrader_config.py").read_text("utf-8", "replace")
    except OSError:
        return False
    return re.search(r"(?m)^[^#\n]*check_owner\s*=\s*False", text) is not None


def of_homes(hub: Hub, accounts: Accounts) -> Iterator[Finding]:
    for name in sorted({name for members in hub.groups.values() for name in members}):
        try:
            home = Path(pwd.getpwnam(name).pw_dir)
        except KeyError:
            continue  # no account of this machine
        if home.is_dir() and (who := accounts.who(home, READ | PASS, {name})):
            what = f"{named(who, accounts)} may read what {name} works on."
            yield Finding(str(home), what, f"chmod 700 {quoted(home)}")
