"""Folders are read as they were at one moment, though others replace them meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.files import replace_folder
from autograder.keep.reading import Piece, Reading


def fill(letter: str, names: str = "abc") -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        for name in names:
            (folder / name).write_text(letter)

    return build


class Disturbed(Reading):
    """Something happens after the first file was read."""

    happens: Callable[[], Any] | None = None

    def _copied(self, *args: Any, **more: Any) -> Piece:
        piece = super()._copied(*args, **more)
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return piece


def texts(pieces: list[Piece]) -> dict[str, str]:
    found = {}
    for piece in pieces:
        if piece.content is not None:
            with piece.content:
                found[piece.name] = piece.content.read().decode()
    return found


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    replace_folder(tmp_path / "submitted" / "ada" / "sums", fill("old"))
    return tmp_path / "submitted" / "ada"


def test_a_folder_that_is_replaced_while_it_is_read_is_read_anew_and_never_mixed(tmp_path: Path, ada: Path) -> None:
    reading = Disturbed(tmp_path)
    reading.happens = lambda: replace_folder(ada / "sums", fill("new", "bcd"))
    found = texts(list(reading.tree(ada.parent, "submitted", 2)))
    assert found == {f"submitted/ada/sums/{name}": "new" for name in "bcd"}


def test_a_folder_that_is_out_of_sight_while_it_is_replaced_is_waited_for(tmp_path: Path, ada: Path) -> None:
    """As replace_folder does it, with a long time between its two renames."""
    scratch = ada / ".sums-abc_1234"
    (scratch / "new").mkdir(parents=True)
    fill("new")(scratch / "new")
    (ada / "sums").rename(scratch / "old")
    late = threading.Timer(0.2, lambda: (scratch / "new").rename(ada / "sums"))
    late.start()
    found = texts(list(Reading(tmp_path).tree(ada.parent, "submitted", 2)))
    late.join()
    assert found == {f"submitted/ada/sums/{name}": "new" for name in "abc"}


def test_what_a_kill_left_holds_up_nobody_and_is_not_read(tmp_path: Path, ada: Path) -> None:
    (ada / ".maths-abcdefgh" / "old").mkdir(parents=True)
    fill("x")(ada / ".maths-abcdefgh" / "old")
    (ada.parent / ".abcd_123").write_text("half")
    assert len(texts(list(Reading(tmp_path).tree(ada.parent, "submitted", 2)))) == 3


def test_a_file_that_goes_away_takes_nothing_with_it(tmp_path: Path, ada: Path) -> None:
    reading = Disturbed(tmp_path)
    reading.happens = lambda: (ada / "sums" / "b").unlink()
    found = texts(list(reading.tree(ada.parent, "submitted", 2)))
    assert found == {f"submitted/ada/sums/{name}": "old" for name in "ac"}


def test_a_folder_that_becomes_a_link_leads_nowhere(tmp_path: Path, ada: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("key")

    def exchange() -> None:
        (ada / "sums").rename(ada / "moved")
        (ada / "sums").symlink_to(tmp_path / "secret")

    reading = Disturbed(tmp_path)
    reading.happens = exchange
    assert "key" not in texts(list(reading.tree(ada.parent, "submitted", 2))).values()
    assert texts(list(Reading(tmp_path).tree(ada.parent, "submitted", 2))).keys() == {
        f"submitted/ada/moved/{name}" for name in "abc"
    }
