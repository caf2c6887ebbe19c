"""The files for one server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from traitlets.config.loader import PyFileConfigLoader

FOLDER = Path(__file__).parents[2] / "deploy" / "server"


def test_the_hubs_configuration_loads_and_names_each_service_once() -> None:
    pytest.importorskip("autograder.hub", reason="autograder.hub IS NOT HERE")
    c = PyFileConfigLoader("jupyterhub_config.py", str(FOLDER)).load_config()
    services = {service["name"]: service for service in c.JupyterHub.services}
    assert list(services) == ["cnn", "watch-cnn", "desk-cnn"]
    assert {service["user"] for service in services.values()} == {"course-cnn"}
    ports = [service["url"] for service in services.values() if "url" in service]
    assert len(set(ports)) == len(ports)
    roles = [role["name"] for role in c.JupyterHub.load_roles]
    assert sorted(roles) == ["course-cnn", "desk-cnn", "server"]
    assert c.Spawner.environment["AUTOGRADER_DESK"].endswith("/services/desk-COURSE")


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("SYSTEMD IS MISSING")
    units = [shutil.copy(path, tmp_path / path.name.replace("@.", "@cnn.")) for path in FOLDER.glob("*.[st]*[er]")]
    names = sorted(Path(unit).name for unit in units if not str(unit).endswith((".py", ".sh")))
    assert names == ["autograder-backup@cnn.service", "autograder-backup@cnn.timer", "jupyterhub.service"]
    command = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in names)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    ours = [line for line in said if any(name in line for name in names)]
    # The programs are on the course's server, not here: this alone is complained of, so the units were read.
    assert ours and all("is not executable" in line for line in ours), said


def test_the_script_that_prepares_a_course_is_one() -> None:
    subprocess.run(["sh", "-n", str(FOLDER / "prepare.sh")], check=True)


def test_no_key_can_be_read_by_others_while_the_script_copies_them(tmp_path: Path) -> None:
    """Its commands are told and not run: what it does is for root alone."""
    for name in ("id", "useradd", "getent", "cut", "mkdir", "chmod", "chown", "cp", "grep"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/told\n')
        (tmp_path / name).chmod(0o755)
    script = str(FOLDER / "prepare.sh")
    subprocess.run(["/bin/sh", script, "no-such-course", "/from"], check=True, env={"PATH": str(tmp_path)})
    told, root = (tmp_path / "told").read_text().splitlines(), "/srv/courses/no-such-course"
    copied = next(n for n, line in enumerate(told) if line.startswith("cp "))
    assert f"mkdir -m 700 {root}" in told[:copied] and told[copied] == f"cp -R /from/. {root}"
