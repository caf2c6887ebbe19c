from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.wheel import student_wheel


def test_the_same_package_gives_the_same_bytes() -> None:
    assert student_wheel() == student_wheel()


def test_the_wheel_installs_and_imports_on_a_machine_with_nothing_of_ours(tmp_path: Path) -> None:
    name, content = student_wheel()
    wheel, site = tmp_path / name, tmp_path / "site"
    wheel.write_bytes(content)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    code = f"import sys; sys.path.insert(0, {str(site)!r}); import handin; print(handin.__file__, handin.check)"
    found = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    assert str(site) in found
