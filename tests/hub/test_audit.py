"""Each unsafe thing, made on purpose with real accounts of this machine, is found, and is gone after the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.hub.audit import Hub, audit, read_hub
from autograder.hub.config import Course
from autograder.hub.demo import _account, clean
from autograder.hub.environment import is_open
from tests.hub.people import TAG

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("useradd") is None or not is_open(Path(tempfile.gettempdir())),
    reason="NOT ROOT, or no accounts to be made: what others may do is NOT tested",
)

OWNER, ADA, BOB = (f"aghub-{TAG}{name}" for name in ("owner", "ada", "bob"))


@pytest.fixture(scope="module")
def accounts() -> Iterator[Path]:
    """Three accounts and their homes, where everybody may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="audit-"))
    folder.chmod(0o755)
    (folder / "homes").mkdir(mode=0o755)
    try:
        for name in (OWNER, ADA, BOB):
            _account(name, folder / "homes" / name, "/bin/bash")
        yield folder
    finally:
        clean(folder)


@dataclass
class Place:
    folder: Path
    hub: Hub

    @property
    def course(self) -> Path:
        return self.folder / "courses" / "cnn"

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    def found(self) -> list[str]:
        return [f"{one.where}: {one.what}" for one in audit(self.hub)]


@pytest.fixture
def place(accounts: Path) -> Iterator[Place]:
    """A sound course on a sound hub."""
    folder = Path(tempfile.mkdtemp(prefix="sound-", dir=accounts))
    folder.chmod(0o755)
    modes = {
        "courses": 0o755, "courses/cnn": 0o700, "courses/cnn/course": 0o755, "courses/cnn/source": 0o755,
        "courses/cnn/records": 0o755, "courses/cnn/records/reports": 0o755, "courses/cnn/data/d/kernel/d": 0o755,
        "courses/cnn/data/d/hidden": 0o700, "exchange": 0o1777, "exchange/cnn": 0o755, "exchange/cnn/outbound": 0o755,
        "exchange/cnn/inbound": 0o2733, "exchange/cnn/feedback": 0o711, "hub": 0o700,
    }  # fmt: skip
    for name, mode in modes.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name).chmod(mode)
    for name in (
        "course/course.toml", "course/keys.py", "source/sums.ipynb", "gradebook.db", "records/reports/ada.json",
        ".secret", "nbgrader_config.py", "data/d/kernel/d/images.npy", "data/d/hidden/labels.npy",
    ):  # fmt: skip
        (folder / "courses/cnn" / name).write_text("x")
    (folder / "courses/cnn/.secret").chmod(0o600)
    subprocess.run(["chown", "-R", f"{OWNER}:", folder / "courses/cnn", folder / "exchange/cnn"], check=True)
    for name in ("jupyterhub_config.py", "jupyterhub.sqlite"):
        (folder / "hub" / name).write_text("")
        (folder / "hub" / name).chmod(0o600)
    course = Course("cnn", folder / "courses/cnn", OWNER)
    server = {"name": "cnn", "user": OWNER, "command": ["python", "-m", "autograder.hub.server"]}
    roles = [{"name": "course-cnn", "scopes": ["access:services!service=cnn"], "groups": ["staff-cnn"]}]
    yield Place(
        folder,
        Hub(
            (course,), folder / "exchange", folder / "hub/jupyterhub_config.py", [server], roles, "pam", "http://:8000",
            True, {"nbgrader-cnn": {ADA, BOB}, "staff-cnn": set()}, [folder / "hub/jupyterhub.sqlite"],
        ),
    )  # fmt: skip
    shutil.rmtree(folder)


def test_the_command_tells_and_ends_with_1_where_something_is_unsafe(place: Place) -> None:
    assert place.hub.config is not None
    place.hub.config.write_text(
        "from autograder.hub import Course, configure\n"
        "c = get_config()\n"
        f"configure(c, [Course('cnn', {str(place.course)!r}, {OWNER!r})], exchange={str(place.exchange)!r})\n"
    )
    (place.folder / "hub/jupyterhub.sqlite").unlink()  # as before the hub's first start
    command = ["audit", "--hub", str(place.hub.config)]
    sound = CliRunner().invoke(app, command)
    assert (sound.exit_code, sound.output.strip()) == (0, "Nothing unsafe was found.")
    place.exchange.chmod(0o777)
    unsafe = CliRunner().invoke(app, command)
    assert unsafe.exit_code == 1 and "1 unsafe thing" in unsafe.output
    listed = CliRunner().invoke(app, [*command, "--json"])
    assert [one["remedy"] for one in json.loads(listed.output)] == [f"chmod 1777 {place.exchange}"]


def test_a_sound_setup_is_left_in_peace(place: Place) -> None:
    assert place.found() == []


def _mode(name: str, mode: int) -> Callable[[Place], None]:
    return lambda place: (place.folder / name).chmod(mode)


def _owner(name: str, who: str) -> Callable[[Place], None]:
    return lambda place: shutil.chown(place.folder / name, who)


def _password(place: Place) -> None:
    subprocess.run(["usermod", "--password", "$6$salt$" + "a" * 86, OWNER], check=True)


MENDED = {  # by the command that is named
    "the course is open": (_mode("courses/cnn", 0o755), "everybody with an account may read keys"),
    "its folder is its group's": (_mode("courses/cnn", 0o777), "may change what runs as the course's account"),
    "anybody may write a key": (_mode("courses", 0o777), "may change what runs as the course's account"),
    "the secret is open": (_mode("courses/cnn/.secret", 0o644), "it is open to others"),
    "hidden data are open": (_mode("courses/cnn", 0o711), "may read"),
    "packs are closed to sandboxes": (_mode("courses/cnn/data/d/kernel/d/images.npy", 0o600), "grading will fail"),
    "root owns the gradebook": (_owner("courses/cnn/gradebook.db", "root"), "belongs to root"),
    "a student owns the course": (_owner("courses/cnn", ADA), f"belongs to {ADA}"),
    "the exchange is not sticky": (_mode("exchange", 0o777), "in the place of a course's"),
    "the course's exchange is a student's": (_owner("exchange/cnn", ADA), "release in the course's name"),
    "releases can be changed": (_mode("exchange/cnn/outbound", 0o777), "may change what students fetch"),
    "submissions can be listed": (_mode("exchange/cnn/inbound", 0o2777), "may see who handed in"),
    "feedback can be listed": (_mode("exchange/cnn/feedback", 0o755), "may see others' feedback"),
    "the hub's database is open": (_mode("hub", 0o755), None),
    "the owner has a password": (_password, "it has a password"),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_unsafe_is_found_and_mended_by_its_command(place: Place, name: str) -> None:
    breaks, said = MENDED[name]
    breaks(place)
    if name == "the hub's database is open":
        (place.folder / "hub/jupyterhub.sqlite").chmod(0o644)
        said = "be anybody on the hub"
    findings = audit(place.hub)
    assert said and any(said in one.what for one in findings), findings
    for finding in findings:
        subprocess.run(["bash", "-ec", finding.remedy], check=True, capture_output=True)
    assert place.found() == []


def test_homes_that_others_may_read_are_found(place: Place, accounts: Path) -> None:
    for name, whose in ((ADA, f"what {ADA} works on"), (OWNER, f"the home of {OWNER}")):
        home = accounts / "homes" / name
        home.chmod(0o755)
        try:
            assert any(whose in one for one in place.found())
        finally:
            home.chmod(0o700)


def test_a_group_counts_by_who_is_in_it(place: Place) -> None:
    place.course.chmod(0o750)
    assert place.found() == []  # nobody else is in its owner's group
    subprocess.run(["usermod", "--append", "--groups", OWNER, BOB], check=True)
    try:
        (found,) = {one.partition(": ")[2].partition(" may")[0] for one in place.found()}
        assert found == BOB
    finally:
        subprocess.run(["gpasswd", "--delete", BOB, OWNER], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"roles": [{"name": "user", "scopes": ["self", "access:services"]}]}, "it lets everybody reach"),
        (
            {"roles": [{"name": "x", "scopes": ["access:services!service=cnn"], "groups": ["nbgrader-cnn"]}]},
            "nbgrader-cnn",
        ),
        ({"roles": [{"name": "x", "scopes": ["admin:users"], "services": ["cnn"]}]}, "which it needs not"),
        ({"services": [{"name": "cnn", "user": "", "command": ["autograder.hub.server"]}]}, "runs as the hub"),
        ({"services": [{"name": "cnn", "user": OWNER, "command": ["jupyterhub-singleuser"]}]}, "another program"),
        ({"services": [{"name": "watch-cnn", "user": OWNER, "admin": True}]}, "everything on the hub"),
        ({"authenticator": "dummy"}, "whoever knows one password"),
        ({"spawner_hook": False}, "?path="),
        ({"groups": {"nbgrader-cnn": {ADA}, "formgrade-cnn": {ADA}}}, "also their own work"),
        ({"groups": {"nbgrader-cnn": {OWNER}}}, "is a user of the hub"),
        ({"courses": (Course("cnn", "/nowhere", OWNER),)}, "there is no course here"),
        ({"exchange": Path("/nowhere")}, "the exchange is missing"),
    ],
)
def test_what_a_hubs_configuration_does_wrong_is_found(place: Place, change: dict[str, object], said: str) -> None:
    place.hub = replace(place.hub, **change)  # type: ignore[arg-type]
    assert any(said in one for one in place.found()), place.found()


def test_a_course_that_runs_as_the_hub_or_as_nobody_is_found(place: Place) -> None:
    for account, said in (("", "as whoever runs the hub"), ("aghub-a-none", "no account aghub-a-none")):
        place.hub = replace(place.hub, courses=(Course("cnn", place.course, account),))
        assert any(said in one for one in place.found())


def test_a_hubs_configuration_is_read_as_the_hub_reads_it(place: Place) -> None:
    assert place.hub.config is not None
    place.hub.config.write_text(
        "from autograder.hub import Course, configure\n"
        "c = get_config()\n"
        f"c.JupyterHub.load_groups = {{'nbgrader-cnn': {{'users': ['{ADA}']}}}}\n"
        f"configure(c, [Course('cnn', {str(place.course)!r}, {OWNER!r})], exchange={str(place.exchange)!r})\n"
    )
    (place.folder / "hub/jupyterhub.sqlite").unlink()
    place.hub = read_hub(place.hub.config)
    assert place.found() == []
    assert place.hub.groups["nbgrader-cnn"] == {ADA} and place.hub.exchange == place.exchange


def test_who_could_hand_in_under_any_name_is_found(place: Place) -> None:
    config = place.course / "nbgrader_config.py"
    config.write_text("# c.ExchangeCollect.check_owner = False\n")
    assert not [one for one in place.found() if "under any name" in one]
    config.write_text("c.ExchangeCollect.check_owner = False  # the desk\n")
    (found,) = [one for one in place.found() if "under any name" in one]
    assert found.startswith(f"{place.exchange}/cnn/inbound: everybody with an account")
    shutil.move(place.exchange, place.course / "exchange")
    moved = Place(place.folder, replace(place.hub, exchange=place.course / "exchange"))
    assert not [one for one in moved.found() if "under any name" in one]


def test_an_exchange_that_only_the_course_can_enter_is_left_in_peace(place: Place) -> None:
    shutil.move(place.exchange, place.course / "exchange")
    shutil.chown(place.course / "exchange", OWNER)
    (place.course / "exchange").chmod(0o777)  # as nbgrader makes it
    assert Place(place.folder, replace(place.hub, exchange=place.course / "exchange")).found() == []


def test_a_desk_that_runs_as_another_account_than_its_course_is_found(place: Place) -> None:
    desk = {"name": "desk-cnn", "user": OWNER, "command": ["python", "-m", "autograder.desk.server"]}
    assert not audit(replace(place.hub, services=[*place.hub.services, desk]))
    (found,) = audit(replace(place.hub, services=[*place.hub.services, {**desk, "user": ADA}]))
    assert "desk-cnn" in found.where and ADA in found.what
