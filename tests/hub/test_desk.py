"""A course's desk on a real JupyterHub, asked with the tokens that its users' servers are really given.

Once as on one server, where the hub starts the desk, and once as the files for Kubernetes have it. Nobody needs a
browser here, so there is no proxy: servers find the desk at its own port, as pods do.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from autograder.hub.demo import free_ports
from tests.desk.student import OVER_DESK, Student
from tests.nbgrader_ext.conftest import generated as generated
from tests.nbgrader_ext.school import School
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.hub,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|secret.txt|[.]html|[.]ipynb):ResourceWarning"),
]

CONFIG = """
from jupyterhub.proxy import Proxy
from autograder.desk import add_desk

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {{}}

c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "tests.hub.lodging", "{folder}"]
c.Spawner.env_keep = ["PATH", "PYTHONPATH"]
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "tokens", "groups"],
}}]
c.JupyterHub.load_groups = {{
    "nbgrader-tiny": {{"users": ["ada", "cleo"]}},
    "formgrade-tiny": {{"users": ["gus"]}},
    "nbgrader-physics": {{"users": ["eve"]}},
}}
{more}
"""

ON_ONE_SERVER = """
add_desk(c, "tiny", {course!r}, account="", port={port}, url="http://127.0.0.1:{port}/services/desk-COURSE")
c.JupyterHub.services[-1]["environment"] = {{"PYTHONPATH": {path!r}}}
"""

IN_PODS = """
import yaml
values = yaml.safe_load(open({values!r}).read().replace("cnn", "tiny"))["hub"]
for name, role in values["loadRoles"].items():
    c.JupyterHub.load_roles.append({{"name": name, **role}})
for name, service in values["services"].items():
    if "url" in service:  # of a pod that is not here: the hub would wait for it for half a minute
        service["url"] = "http://127.0.0.1:{port}"
    c.JupyterHub.services.append({{"name": name, "api_token": {token!r} + name, **service}})
c.JupyterHub.load_groups = {{**values["config"]["JupyterHub"]["load_groups"], **c.JupyterHub.load_groups}}
c.Spawner.environment = {{"AUTOGRADER_DESK": "http://127.0.0.1:{port}/services/desk-COURSE"}}
"""

DEPLOY = Path(__file__).parents[2] / "deploy" / "kubernetes"


class RealHub:
    def __init__(self, folder: Path, hall: Hall, pods: bool) -> None:
        self.folder, self.hall, self.token = folder, hall, secrets.token_hex(20)
        (folder / "homes").mkdir(parents=True)
        ports = free_ports(3)
        self.api, self.desk = f"http://127.0.0.1:{ports[1]}/hub/api", f"http://127.0.0.1:{ports[2]}/services/desk-tiny"
        path = os.pathsep.join(part for part in sys.path if part)
        config = folder / "jupyterhub_config.py"
        more = (IN_PODS if pods else ON_ONE_SERVER).format(
            port=ports[2], course=str(hall.root), path=path, values=str(DEPLOY / "values.yaml"), token=self.token
        )
        text = CONFIG.format(folder=folder, ports=ports, python=sys.executable, token=self.token, more=more)
        config.write_text(text)
        self._log = (folder / "hub.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
        self._desk = self._pod(ports[2], path) if pods else None

    def start(self) -> None:
        self._wait(lambda: requests.get(f"{self.api}/", timeout=5).ok)
        self._wait(lambda: requests.get(f"{self.desk}/submissions", timeout=5).status_code == 401)

    def _pod(self, port: int, path: str) -> subprocess.Popen[bytes]:
        """Start the desk as its container is started, with the secrets and addresses of this place."""
        text = (DEPLOY / "course.yaml").read_text().replace("cnn", "tiny")
        (pod,) = [one for one in yaml.safe_load_all(text) if one["kind"] == "Deployment"]
        (desk,) = [one for one in pod["spec"]["template"]["spec"]["containers"] if one["name"] == "desk"]
        given = {one["name"]: one["value"] for one in desk["env"] if "value" in one}
        given |= {
            "JUPYTERHUB_API_URL": self.api, "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
            "JUPYTERHUB_API_TOKEN": f"{self.token}desk-tiny", "PYTHONPATH": path, "PATH": os.environ["PATH"],
        }  # fmt: skip
        _, *module, _ = desk["args"]
        command = [sys.executable, *module, str(self.hall.root)]
        return subprocess.Popen(command, env=given, stdout=self._log, stderr=self._log)

    def _wait(self, there: Any) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                if there():
                    return
            except requests.ConnectionError:
                pass
            log = (self.folder / "hub.log").read_text()
            assert self._process.poll() is None and time.monotonic() < until, log[-5000:]
            time.sleep(0.1)

    def asks(self, method: str, path: str, **more: Any) -> requests.Response:
        """As an administrator."""
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, f"{self.api}{path}", headers=headers, timeout=30, **more)

    def serve(self, name: str) -> dict[str, str]:
        """Start somebody's server, and return what it was given."""
        self.asks("POST", f"/users/{name}")
        assert self.asks("POST", f"/users/{name}/server").status_code in (201, 202)
        told = self.folder / f"{name}.json"
        self._wait(lambda: told.exists() and self.asks("GET", f"/users/{name}").json()["servers"][""]["ready"])
        given: dict[str, str] = json.loads(told.read_text())
        return given

    def stop(self) -> None:
        if self._desk is not None:
            self._desk.terminate()
            self._desk.wait(30)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:  # it asks each server three times to end, with long pauses
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()


@pytest.fixture(scope="module", params=["on one server", "in pods"])
def real(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, generated: Path
) -> Iterator[RealHub]:
    pytest.importorskip("jupyterhub", reason="NO JUPYTERHUB HERE: make test-hub")
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(generated, folder / "course")
    started = RealHub(folder / "hub", Hall(School(folder / "course"), folder), request.param == "in pods")
    try:
        started.start()
        yield started
    finally:
        started.stop()


def test_a_student_hands_in_with_the_token_of_the_own_server_and_gets_feedback(real: RealHub, tmp_path: Path) -> None:
    ada = Student("ada", tmp_path / "ada", OVER_DESK, real.serve("ada"))
    assert ada.courses() == ["tiny"], ada.said  # by the hub's groups
    assert ada.fetches()
    ada.answers(7)
    assert ada.submits(), ada.said
    (came,) = real.hall.inbound.iterdir()
    assert came.name.startswith("ada+sums+")
    real.hall.once()
    assert ada.fetches_feedback() and list((ada.work / "feedback").rglob("sums.html"))
    (submission,) = ada.lists()[1]["submissions"]
    assert submission["has_local_feedback"] and ada.said == []


@pytest.mark.parametrize("name", ["eve", "gus", "nobody"])
def test_somebody_elses_server_reaches_nothing_of_the_course(real: RealHub, tmp_path: Path, name: str) -> None:
    given = real.serve(name)
    for path in ("/assignments", "/assignments/sums", "/submissions", "/feedback/sums"):
        headers = {"Authorization": f"token {given['JUPYTERHUB_API_TOKEN']}"}
        assert requests.get(real.desk + path, headers=headers, timeout=20).status_code == 403
    other = Student(name, tmp_path / name, OVER_DESK, given)
    assert not other.fetches() and "You are not a student of tiny" in other.said[0]
    assert other.courses() == [], other.said  # a course without a desk, or that is taught, is no error


def test_a_token_of_a_server_that_was_stopped_is_worth_nothing(real: RealHub) -> None:
    given = real.serve("cleo")
    headers = {"Authorization": f"token {given['JUPYTERHUB_API_TOKEN']}"}
    assert requests.get(f"{real.desk}/submissions", headers=headers, timeout=20).ok
    assert real.asks("DELETE", "/users/cleo/server").status_code in (202, 204)
    assert requests.get(f"{real.desk}/submissions", headers=headers, timeout=20).status_code == 401


def test_a_service_and_an_administrator_are_no_students(real: RealHub) -> None:
    headers = {"Authorization": f"token {real.token}"}
    assert requests.get(f"{real.desk}/submissions", headers=headers, timeout=20).status_code == 401


def test_a_student_who_leaves_the_course_is_out_at_once(real: RealHub) -> None:
    real.asks("POST", "/users/bea")
    assert real.asks("POST", "/groups/nbgrader-tiny/users", json={"users": ["bea"]}).ok
    headers = {"Authorization": f"token {real.serve('bea')['JUPYTERHUB_API_TOKEN']}"}
    assert requests.get(f"{real.desk}/submissions", headers=headers, timeout=20).ok
    assert real.asks("DELETE", "/groups/nbgrader-tiny/users", json={"users": ["bea"]}).ok
    assert requests.get(f"{real.desk}/submissions", headers=headers, timeout=20).status_code == 403


def test_a_desk_speaks_the_language_of_its_course(generated: Path, tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(generated, root)
    about = root / "course" / "course.toml"
    about.write_text(about.read_text().replace("[course]", '[course]\nlanguage = "de"'))
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    environment = os.environ | {"JUPYTERHUB_API_TOKEN": secrets.token_hex(), "JUPYTERHUB_SERVICE_URL": address}
    command = [sys.executable, "-m", "autograder.desk.server", "--course", str(root)]
    desk = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                said = requests.get(f"{address}/submissions", timeout=10).json()["message"]
                break
            except requests.ConnectionError:
                assert desk.poll() is None and time.monotonic() < until
                time.sleep(0.2)
    finally:
        desk.terminate()
        desk.wait(30)
    assert said.startswith("Dieses Token gehört zu keinem deiner Server.")
