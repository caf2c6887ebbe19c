"""The commands as a person or a script meets them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli
from tests.keep.test_tidy import graded as graded
from tests.keep.test_tidy import policy
from tests.nbgrader_ext.school import School

pytestmark = pytest.mark.nbgrader

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def autograder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command; return its exit code, what it printed, and what it said on stderr."""

    def run(*arguments: object, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            cli.main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out, said.err

    return run


def test_a_backup_is_made_checked_and_restored(graded: School, autograder: Command, tmp_path: Path) -> None:
    code, said, _ = autograder("backup", tmp_path / "kept.tar.gz", "--course", graded.root)
    assert code == 0 and f"wrote {tmp_path / 'kept.tar.gz'}: " in said and "The exchange is not in it" in said
    code, said, _ = autograder("backup", "--check", tmp_path / "kept.tar.gz")
    assert code == 0 and "is whole: 'tiny'" in said
    code, said, _ = autograder("restore", tmp_path / "kept.tar.gz", tmp_path / "there")
    assert code == 0 and f"Its gradebook: {tmp_path / 'there' / 'gradebook.db'}" in said
    code, _, said = autograder("restore", tmp_path / "kept.tar.gz", tmp_path / "there")
    assert code == 1 and "is not empty" in said and "Traceback" not in said
    (tmp_path / "kept.tar.gz").write_bytes(b"other")
    code, _, said = autograder("backup", "--check", tmp_path / "kept.tar.gz")
    assert code == 1 and "take another backup" in said


def test_what_a_script_needs_is_json(graded: School, autograder: Command, tmp_path: Path) -> None:
    code, said, _ = autograder("backup", tmp_path, "--json", "--course", graded.root)
    made = json.loads(said)
    assert code == 0 and Path(made["file"]).is_file() and made["gradebook"] == "gradebook.db" and made["files"] > 10
    code, said, _ = autograder("backup", "--check", made["file"], "--json")
    assert json.loads(said)["format"] == 1 and json.loads(said)["bytes"] == made["bytes"]
    policy(graded, "quota_gb = 0.00001")
    graded.by_hand("ada", "why", points=None)
    code, said, _ = autograder("tidy", "--json", "--course", graded.root)
    assert code == 3 and {one["kind"] for one in json.loads(said)["gone"]} == {"models", "superseded", "evidence"}


def test_tidy_says_what_would_go_and_how_much_it_frees(graded: School, autograder: Command) -> None:
    assert "Nothing goes by [course.keep]; 0.3 MB could." in autograder("tidy", "--course", graded.root)[1]
    policy(graded, "quota_gb = 0.000001")
    code, said, _ = autograder("tidy", "--dry-run", "--course", graded.root)
    assert code == 0 and "would go: 2 models, 0.2 MB" in said and "to judge it again needs a run" in said
    assert "gone: 2 models, 0.2 MB" in autograder("tidy", "--course", graded.root)[1]
    assert "would go" not in autograder("tidy", "--dry-run", "--course", graded.root)[1]


def test_a_student_is_erased_only_when_somebody_says_so(graded: School, autograder: Command, tmp_path: Path) -> None:
    code, said, _ = autograder("student", "export", "ada", tmp_path / "ada.zip", "--course", graded.root)
    assert code == 0 and f"wrote {tmp_path / 'ada.zip'}" in said
    erase = ("student", "erase", "ada", "--course", graded.root)
    code, said, _ = autograder(*erase, "--dry-run")
    assert code == 0 and "would go: the student's rows in the gradebook" in said and "backups" in said
    code, said, asked = autograder(*erase, typed="n\n")
    assert code == 1 and "Erase all this of 'ada', for ever?" in asked and graded.total("ada")
    code, said, asked = autograder(*erase, "--yes")
    assert code == 0 and "Erased." in said and "Erase all" not in asked
    code, said, _ = autograder(*erase)
    assert code == 0 and "Nothing is kept of 'ada' here." in said
    code, _, said = autograder("student", "export", "ada", tmp_path / "more.zip", "--course", graded.root)
    assert code == 1 and "Correct the name" in said


def test_a_name_from_a_student_moves_no_cursor(graded: School, autograder: Command, tmp_path: Path) -> None:
    (graded.root / "submitted" / "ada" / "sums" / "\x1b[2Jlink").symlink_to("/etc")
    code, said, _ = autograder("backup", tmp_path / "kept.tar.gz", "--course", graded.root)
    assert code == 0 and "\x1b" not in said and "\\x1b[2Jlink: it is a link" in said
