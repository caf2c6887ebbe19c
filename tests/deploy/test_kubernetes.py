"""What the files for Kubernetes say of each other. That a cluster does with it what we mean was not tried."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.desk import add_desk
from tests.nbgrader_ext.postgres import programs, server

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "deploy" / "kubernetes"
VALUES: Any = yaml.safe_load((FOLDER / "values.yaml").read_text())
OBJECTS: list[Any] = [
    found for name in ("course", "postgres") for found in yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text())
]


def get(kind: str, name: str) -> Any:
    (found,) = [one for one in OBJECTS if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pods() -> Iterator[Any]:
    """The specification of each kind of pod."""
    for one in OBJECTS:
        if one["kind"] in ("Deployment", "StatefulSet"):
            yield one["spec"]["template"]
        elif one["kind"] == "CronJob":
            yield one["spec"]["jobTemplate"]["spec"]["template"]


def containers() -> dict[str, Any]:
    return {one["name"]: one for one in get("Deployment", "course-cnn")["spec"]["template"]["spec"]["containers"]}


def environment(container: str) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in containers()[container]["env"]}


def test_the_hubs_roles_are_those_that_one_server_gets() -> None:
    c = Config()
    add_desk(c, "cnn", "/srv/course", account="", port=9201)
    made = {role["name"]: role for role in c.JupyterHub.load_roles}
    roles = VALUES["hub"]["loadRoles"]
    assert set(roles["server"]["scopes"]) == set(made["server"]["scopes"])
    assert (roles["desk-cnn"]["scopes"], roles["desk-cnn"]["groups"]) == (
        made["desk-cnn"]["scopes"], made["desk-cnn"]["groups"],
    )  # fmt: skip
    groups = set(VALUES["hub"]["config"]["JupyterHub"]["load_groups"])
    assert {group for role in roles.values() for group in role.get("groups", ())} <= groups


def test_the_pages_roles_are_those_that_one_server_gets() -> None:
    hub = pytest.importorskip("autograder.hub", reason="autograder.hub IS NOT HERE")
    c = Config()
    hub.configure(c, [hub.Course("cnn", "/srv/course", account="course-cnn")])
    (made,) = [role for role in c.JupyterHub.load_roles if role["name"] == "course-cnn"]
    role = VALUES["hub"]["loadRoles"]["course-cnn"]
    assert (set(role["scopes"]), set(role["groups"])) == (set(made["scopes"]), set(made["groups"]))
    assert set(c.JupyterHub.load_groups) == set(VALUES["hub"]["config"]["JupyterHub"]["load_groups"])


def test_students_find_the_desk_where_it_is_and_nothing_takes_the_address_for_a_template() -> None:
    address = VALUES["singleuser"]["extraEnv"]["AUTOGRADER_DESK"]
    assert not set(address) & set("{}$")  # KubeSpawner's, and Kubernetes' own
    found = urlsplit(address.replace("COURSE", "cnn"))
    assert found.hostname == get("Service", "course-cnn")["metadata"]["name"]
    assert found.port in [port["port"] for port in get("Service", "course-cnn")["spec"]["ports"]]
    said = environment("desk")
    assert urlsplit(said["JUPYTERHUB_SERVICE_URL"]).port == found.port
    assert said["JUPYTERHUB_SERVICE_PREFIX"] == f"{found.path}/"
    (allowed,) = VALUES["singleuser"]["networkPolicy"]["egress"]
    labels = get("Deployment", "course-cnn")["spec"]["template"]["metadata"]["labels"]
    assert allowed["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()
    assert allowed["ports"] == [{"port": found.port}]


def test_the_hub_finds_the_pages_where_they_are() -> None:
    url = urlsplit(VALUES["hub"]["services"]["cnn"]["url"])
    assert (url.hostname, url.port) == ("course-cnn", urlsplit(environment("pages")["JUPYTERHUB_SERVICE_URL"]).port)


@pytest.mark.parametrize("container", ["pages", "desk"])
def test_each_service_has_the_token_that_the_chart_makes_for_it(container: str) -> None:
    said = environment(container)
    name = said["JUPYTERHUB_SERVICE_NAME"]
    assert name in VALUES["hub"]["services"]
    assert said["JUPYTERHUB_API_TOKEN"] == {"secretKeyRef": {"name": "hub", "key": f"hub.services.{name}.apiToken"}}


def test_what_students_wrote_runs_where_no_token_of_the_hub_is() -> None:
    assert not [name for name in environment("watch") if "TOKEN" in name or "JUPYTERHUB" in name]


def test_what_is_started_and_installed_is_there() -> None:
    pytest.importorskip("autograder.hub", reason="autograder.hub IS NOT HERE")
    assert all(importlib.util.find_spec(one["args"][2]) for one in containers().values())
    for file in FOLDER.glob("*.Dockerfile"):
        copied = re.findall(r"(?m)^COPY (.+) \S+$", file.read_text())
        assert copied and all((REPOSITORY / path).exists() for line in copied for path in line.split())


def test_every_volume_secret_and_label_that_is_named_is_there() -> None:
    claims = {one["metadata"]["name"] for one in OBJECTS if one["kind"] == "PersistentVolumeClaim"}
    labels = [pod["metadata"]["labels"] for pod in pods()]
    for pod in pods():
        spec = pod["spec"]
        named = {one["name"]: one for one in spec.get("volumes", ())}
        claimed = {
            one["persistentVolumeClaim"]["claimName"] for one in named.values() if "persistentVolumeClaim" in one
        }
        assert claimed <= claims
        templates = get("StatefulSet", "postgres")["spec"]["volumeClaimTemplates"]
        known = {*named, *(one["metadata"]["name"] for one in templates)}
        for container in [*spec["containers"], *spec.get("initContainers", ())]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= known
            for entry in container["env"]:
                secret = entry.get("valueFrom", {}).get("secretKeyRef")
                assert secret is None or secret["name"] in ("hub", "postgres")
    for policy in (one for one in OBJECTS if one["kind"] == "NetworkPolicy"):
        assert any(policy["spec"]["podSelector"]["matchLabels"].items() <= one.items() for one in labels)
    for service in (one for one in OBJECTS if one["kind"] == "Service"):
        assert any(service["spec"]["selector"].items() <= one.items() for one in labels)


def test_nothing_runs_with_more_rights_than_the_strictest_standard_for_pods() -> None:
    for pod in pods():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in [*spec["containers"], *spec.get("initContainers", ())]:
            rights = container["securityContext"]
            assert rights == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_the_configurations_of_nbgrader_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "abc123")
    course = PyFileConfigLoader("nbgrader_config.py", str(FOLDER)).load_config()
    assert course.ExchangeCollect.check_owner is False
    assert course.CourseDirectory.db_url == "postgresql+psycopg://cnn:abc123@postgres/cnn"
    assert Path(course.Exchange.root) == Path(containers()["desk"]["volumeMounts"][0]["mountPath"]) / "exchange"
    student = PyFileConfigLoader("student_nbgrader_config.py", str(FOLDER)).load_config()
    for name in ("list", "fetch_assignment", "submit", "fetch_feedback"):
        module, _, name = student.ExchangeFactory[name].rpartition(".")
        assert hasattr(importlib.import_module(module), name)


@pytest.mark.postgres
def test_the_database_keeps_the_hub_and_courses_apart(tmp_path: Path) -> None:
    bin = programs()
    if bin is None:
        pytest.skip("POSTGRESQL IS MISSING: apt-get install postgresql")
    script = tmp_path / "roles.sh"
    script.write_text(get("ConfigMap", "postgres-first-start")["data"]["roles.sh"])
    with server(bin) as url:
        here = {"PATH": f"{bin}:{os.defpath}", "PGHOST": url.partition("host=")[2]}

        def psql(user: str, database: str, command: str) -> str:
            asked = ["psql", "-qtA", "-U", user, "-d", database, "-c", command]
            done = subprocess.run(asked, env=here, capture_output=True, text=True, check=False)
            return done.stdout.strip() or done.stderr

        psql("grader", "postgres", "CREATE ROLE postgres SUPERUSER LOGIN")
        passwords = {"PASSWORD_hub": "it's", "PASSWORD_cnn": "abc"}
        subprocess.run(["bash", str(script)], env=here | passwords, check=True, capture_output=True)
        assert psql("cnn", "cnn", "CREATE TABLE a (b int); SELECT count(*) FROM a") == "0"
        assert psql("hub", "hub", "SELECT 1") == "1"
        assert "permission denied" in psql("cnn", "hub", "SELECT 1")
        assert "permission denied" in psql("hub", "cnn", "SELECT 1")
        known = psql("grader", "postgres", "SELECT count(*) FROM pg_authid WHERE rolname IN ('hub', 'cnn') "
                     "AND rolpassword IS NOT NULL AND NOT rolsuper")  # fmt: skip
        assert known == "2"
