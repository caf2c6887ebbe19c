"""What the student's wheel carries of the quiz form."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from autograder.wheel import EXTENSION, student_wheel

FORM = Path(__file__).parents[2] / "student" / "handin" / "form"
FILES = [FORM / "package.json", *sorted((FORM / "static").iterdir())]


def test_the_extension_is_at_most_30_kilobytes() -> None:
    assert sum(path.stat().st_size for path in FILES) <= 30_000


def test_the_wheel_lays_the_extension_where_jupyterlab_looks_for_it() -> None:
    name, content = student_wheel()
    data = f"{name.removesuffix('-py3-none-any.whl')}.data/data/{EXTENSION}/"
    wheel = zipfile.ZipFile(io.BytesIO(content))
    carried = {entry.removeprefix(data): wheel.read(entry) for entry in wheel.namelist() if entry.startswith(data)}
    assert carried == {path.relative_to(FORM).as_posix(): path.read_bytes() for path in FILES}


def test_jupyterlab_finds_what_it_loads() -> None:
    about = json.loads((FORM / "package.json").read_bytes())
    assert about["version"] == version("handin")
    assert (FORM / about["jupyterlab"]["_build"]["load"]).is_file()


@pytest.mark.skipif(shutil.which("node") is None, reason="NODE IS MISSING: the form's scripts are not checked alone")
@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".js"], ids=lambda path: path.name)
def test_each_script_is_well_formed(path: Path) -> None:
    subprocess.run(["node", "--check", str(path)], check=True, capture_output=True)
