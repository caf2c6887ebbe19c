"""What is unsafe on a machine with courses of ours, in plain words, and the command that mends it. Changes nothing.

Permissions are worked out from the modes of a file and of every folder above it, for each account of the machine. So it
must be run as root: nobody else sees all of that.

finding.py     what is looked at, and what is found
accounts.py    who may do what with a file
courses.py     the folder and the account of each course
shared.py      the exchange, and people's homes
settings.py    what the hub's configuration lets whom do
reading.py     a hub's configuration and groups, read
"""

from __future__ import annotations

from autograder.hub.audit import courses, settings, shared
from autograder.hub.audit.accounts import Accounts
from autograder.hub.audit.finding import Finding as Finding
from autograder.hub.audit.finding import Hub as Hub
from autograder.hub.audit.reading import one_course as one_course
from autograder.hub.audit.reading import read_hub as read_hub


def audit(hub: Hub) -> list[Finding]:
    """Return what is unsafe, the worst kinds first."""
    accounts = Accounts()
    found: list[Finding] = []
    for course in hub.courses:
        found += courses.of_folder(course, accounts)
        found += courses.of_account(course, hub, accounts)
    if hub.exchange is not None:
        found += shared.of_exchange(hub.exchange, hub.courses, accounts)
    found += shared.of_homes(hub, accounts)
    found += settings.of_hub(hub, accounts)
    return found
