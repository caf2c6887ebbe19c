from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import scratch


def test_what_a_killed_grader_left_is_removed_and_what_a_living_one_uses_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    with subprocess.Popen(["/bin/true"]) as ended:
        ended.wait()
    left, living = tmp_path / f"ag-{ended.pid}-abc", tmp_path / f"ag-{os.getppid()}-abc"
    for folder in (left, living, tmp_path / "ag-user-x"):
        (folder / "work").mkdir(parents=True)
    (left / "work").chmod(0)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"ag-{ended.pid}-link").symlink_to(tmp_path / "elsewhere")
    made = scratch.make()
    assert not left.exists()
    assert all(folder.exists() for folder in (living, tmp_path / "ag-user-x", tmp_path / "elsewhere", made))
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_goes_whatever_modes_are_in_it(tmp_path: Path) -> None:
    deep = tmp_path / "own" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "link").symlink_to(tmp_path)
    deep.chmod(0)
    deep.parent.chmod(0)
    scratch.remove(tmp_path / "own")
    assert not (tmp_path / "own").exists()
    assert tmp_path.exists()


def test_a_folder_goes_however_deep_it_is(tmp_path: Path) -> None:
    script = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(2500): os.mkdir('d'); os.chdir('d')"
    (tmp_path / "own").mkdir()
    subprocess.run([sys.executable, "-c", script, tmp_path / "own"], check=True)
    scratch.remove(tmp_path / "own")
    assert not (tmp_path / "own").exists()
