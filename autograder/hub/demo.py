"""A hub to try, on this machine alone: accounts, a course, an exchange. `make hub` starts it, Ctrl + C ends it.

As root its people are real accounts of this machine, and nobody can read what another one has. As anybody else all of
them are the same account, and nothing keeps them apart.

    <place>/demo/hub        the hub's configuration, database and passwords; root's alone
    <place>/demo/courses    each course, its account's alone
    <place>/demo/exchange   shared
    <place>/demo/homes      one for each of its people
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.course import find_root, load_course
from autograder.demo.scratch import make_course
from autograder.errors import AutograderError
from autograder.hub.config import Course
from autograder.hub.environment import default_place
from autograder.hub.roles import Role, group
from autograder.release import QUESTIONS

PREFIX = "aghub-"
MARK = "autograder hub demo"
"""In the comment of each account that we made: no other is ever touched."""

PEOPLE: Mapping[str, Sequence[str]] = {
    "aghub-student": [group(Role.STUDENT, "cnn")],
    "aghub-instructor": [group(Role.INSTRUCTOR, "cnn")],
    "aghub-staff": [group(Role.STAFF, "cnn")],
}

_NBGRADER_CONFIG = '''"""nbgrader's configuration of a demo course."""

from autograder.nbgrader_ext import configure

c = get_config()  # noqa: F821
configure(c, __file__)
c.Exchange.root = {exchange!r}
c.CourseDirectory.course_id = {course!r}
c.ExchangeCollect.check_owner = {owners!r}  # False: all people of this demo are one account
'''

_HUB_CONFIG = '''"""A demo's hub: passwords in a file, this machine alone."""

from autograder.hub import Course, configure
from autograder.hub.login import DemoAuthenticator

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.authenticator_class = DemoAuthenticator
c.DemoAuthenticator.passwords = {passwords!r}
c.DemoAuthenticator.allowed_users = {people!r}
c.JupyterHub.load_groups = {groups!r}
c.Spawner.cmd = [{singleuser!r}]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {{"PATH": {path!r}, "TF_CPP_MIN_LOG_LEVEL": "3"}}
{more}
configure(c, {courses!r}, exchange={exchange!r}, kernel={kernel!r})
'''

_ONE_ACCOUNT = """c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
"""


@dataclass
class Demo:
    """courses: for each id the folder that it is a copy of; people: for each name the groups."""

    place: Path
    courses: Mapping[str, Path]
    people: Mapping[str, Sequence[str]] = field(default_factory=lambda: PEOPLE)
    port: int = 8000
    name: str = "demo"
    tag: str = ""  # in the names of the courses' accounts: two hubs on one machine must not share them
    more: str = ""  # lines for the hub's configuration

    def __post_init__(self) -> None:
        self.folder = self.place / self.name
        self.hub, self.exchange = self.folder / "hub", self.folder / "exchange"
        self.config = self.hub / "jupyterhub_config.py"
        self.passwords = {name: secrets.token_urlsafe(9) for name in self.people}
        self.real = os.geteuid() == 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def root(self, course: str) -> Path:
        return self.folder / "courses" / course

    def account(self, course: str) -> str:
        """The account that owns a course; its name fits into the 32 letters that Linux takes."""
        return f"{PREFIX}{self.tag}c-{course}"[:32] if self.real else ""

    # -- what it takes -----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make accounts, folders and the hub's configuration; what is there of an earlier time stays."""
        for folder, mode in ((self.folder, 0o755), (self.hub, 0o700), (self.folder / "courses", 0o755),
                             (self.folder / "homes", 0o755), (self.exchange, 0o1777)):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
        if self.real:
            if shutil.which("useradd") is None:
                raise AutograderError("There is no useradd here, to make accounts with: apt-get install passwd")
            for name in self.people:
                _account(name, self.folder / "homes" / name, "/bin/bash")
            for name in map(self.account, self.courses):
                _account(name, self.folder / "homes" / name, "/usr/sbin/nologin")
        for course, source in self.courses.items():
            self._course(course, source)
        self._write_config()

    def _course(self, course: str, source: Path) -> None:
        root = self.root(course)
        if not (root / "course").exists():
            make_course(load_course(source), root, "small")
            for built in [*root.glob(f"source/*/{QUESTIONS}"), *root.glob("source/*/*.whl")]:
                built.unlink()
            toml = root / "course" / "course.toml"
            toml.write_text(
                re.sub(r'(?m)^id\s*=\s*".*"', f'id = "{course}"', toml.read_text("utf-8"), count=1), "utf-8"
            )
        config = _NBGRADER_CONFIG.format(exchange=str(self.exchange), course=course, owners=self.real)
        (root / "nbgrader_config.py").write_text(config)
        root.chmod(0o700)
        if self.real:
            owner = pwd.getpwnam(self.account(course))
            for path in (root, *root.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)

    def _write_config(self) -> None:
        env, ports = self.place / "env/bin", free_ports(2 + len(self.courses))
        proxy = self.place / "proxy/node_modules/.bin/configurable-http-proxy"
        listed = [
            Course(course, str(self.root(course)), self.account(course), port, workers=1)
            for course, port in zip(self.courses, ports[2:], strict=True)
        ]
        groups: dict[str, dict[str, list[str]]] = {}
        for name, theirs in self.people.items():
            for one in theirs:
                groups.setdefault(one, {"users": []})["users"].append(name)
        passwords = self.hub / "passwords.json"
        _write_private(passwords, json.dumps(self.passwords))
        homes = str(self.folder / "homes" / "{username}")
        text = _HUB_CONFIG.format(
            port=self.port, hub_port=ports[0], proxy_port=ports[1], proxy=[str(proxy)], passwords=str(passwords),
            people=set(self.people), groups=groups, singleuser=str(env / "jupyterhub-singleuser"),
            path=f"{env}:/usr/local/bin:/usr/bin:/bin",
            more=self.more + ("" if self.real else _ONE_ACCOUNT.format(homes=homes)),
            courses=listed, exchange=str(self.exchange), kernel=str(self.place / "kernel"),
        )  # fmt: skip
        _write_private(self.config, text)

    # -- running -----------------------------------------------------------------------------------------------------

    def start(self, log: Path | None = None, wait: float = 120.0) -> None:
        """Start, and return when the hub answers through its proxy. AutograderError with its log if it does not."""
        with closing(socket.socket()) as taken:
            if taken.connect_ex(("127.0.0.1", self.port)) == 0:
                raise AutograderError(f"Port {self.port} is taken. Choose another: make hub PORT=8001")
        env = self.place / "env/bin"
        environment = {**os.environ, "PATH": f"{env}:{os.environ.get('PATH', os.defpath)}"}
        environment.pop("PYTHONPATH", None)  # users could not read it
        log = log or self.hub / "jupyterhub.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [env / "python", "-m", "jupyterhub", "-f", self.config], cwd=self.hub, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + wait
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AutograderError(f"The hub does not start. {log} ends with:\n{log.read_text()[-3000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/hub/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait(self) -> int:
        """Wait until the hub ends by itself."""
        assert self._process is not None
        return self._process.wait()

    def stop(self) -> None:
        """End the hub, its services and everybody's server."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._process = None
        if self.real:  # kernels that outlived their server
            for name in (*self.people, *map(self.account, self.courses)):
                _end_all_of(name)


def _end_all_of(name: str) -> None:
    """End every process of an account that is ours."""
    until = time.monotonic() + 10
    while (left := [one for one in psutil.process_iter(["username"]) if one.info["username"] == name]) and (
        time.monotonic() < until
    ):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(0.1)


def clean(folder: Path) -> list[str]:
    """Remove a demo: the accounts whose homes it holds, and its folder. Return the accounts that went."""
    gone = []
    if os.geteuid() == 0:
        ours = [one for one in pwd.getpwall() if one.pw_name.startswith(PREFIX) and one.pw_gecos == MARK]
        for found in [one for one in ours if Path(one.pw_dir).is_relative_to(folder)]:
            _end_all_of(found.pw_name)
            subprocess.run(["userdel", found.pw_name], check=True, capture_output=True)
            gone.append(found.pw_name)
    shutil.rmtree(folder, ignore_errors=True)
    return gone


def _account(name: str, home: Path, shell: str) -> None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        # No password: nobody logs in by it anywhere but at the demo's hub.
        command = ["useradd", "--comment", MARK, "--home-dir", str(home), "--shell", shell, "--user-group", name]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise AutograderError(f"The account {name} could not be made: {done.stderr.strip()}") from None
        found = pwd.getpwnam(name)
    if found.pw_gecos != MARK:
        raise AutograderError(f"There is an account {name} that is not ours. Rename it, or try another machine.")
    if found.pw_dir != str(home):
        if Path(found.pw_dir).exists():
            raise AutograderError(
                f"The account {name} is another demo's, of {found.pw_dir}: run `make hub-clean` there."
            )
        subprocess.run(["usermod", "--home", str(home), name], check=True, capture_output=True)
    home.mkdir(exist_ok=True)
    os.chown(home, found.pw_uid, found.pw_gid)
    home.chmod(0o700)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on now, each another one."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "clean"])
    parser.add_argument("--course", type=Path, default=Path())
    parser.add_argument("--port", type=int, default=8000)
    chosen = parser.parse_args()
    place = default_place_of(sys.executable)
    if chosen.what == "clean":
        gone = clean(place / "demo")
        print(f"Removed {place / 'demo'}" + (f" and the accounts {', '.join(gone)}." if gone else "."))
        return
    demo = Demo(place, {"cnn": find_root(chosen.course)}, port=chosen.port)
    try:
        demo.prepare()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        demo.start()
        _tell(demo)
        demo.wait()
    except AutograderError as error:
        raise SystemExit(f"autograder: {error}") from None
    except KeyboardInterrupt:
        print("\nEnding ...", flush=True)
    finally:
        demo.stop()


def default_place_of(python: str) -> Path:
    """Return the folder whose env this Python is of."""
    folder = Path(python).absolute().parents[2]
    return folder if (folder / "own.made").exists() else default_place()


def _tell(demo: Demo) -> None:
    what = {
        "aghub-student": "menu Nbgrader > Assignment List",
        "aghub-instructor": f"{demo.url}/services/cnn/",
        "aghub-staff": f"{demo.url}/services/cnn/   release something here first",
    }
    print(f"\nA JupyterHub with the course `cnn`: {demo.url}\n")
    for name, password in demo.passwords.items():
        print(f"  {name:<18} {password:<14} {what.get(name, '')}")
    if not demo.real:
        print("\nYou are not root, so all of them are you: nothing keeps one from reading what another one has.")
    print(f"\nIt answers on this machine alone. Its log: {demo.hub}/jupyterhub.log\nCtrl + C ends it.", flush=True)


if __name__ == "__main__":
    main()
