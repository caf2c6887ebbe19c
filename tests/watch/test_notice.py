from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.watch import notice
from autograder.watch.notice import Stop, notices

NEVER = 3600.0
Next = Callable[[], frozenset[str] | None]


@contextmanager
def noticing(folder: Path, poll: float) -> Iterator[Next]:
    """Yield a function that waits for the next notice."""
    stop, found = Stop(), queue.Queue[frozenset[str] | None]()

    def run() -> None:
        for names in notices(folder, stop, poll):
            found.put(names)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert found.get(timeout=10) is None, "what was there before is looked for"
        yield lambda: found.get(timeout=10)
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_what_comes_and_whose_rights_change_is_told_by_name(tmp_path: Path) -> None:
    with noticing(tmp_path, NEVER) as told:
        (tmp_path / "ada").mkdir()
        assert told() == frozenset({"ada"})
        (tmp_path / "ada" / "inside").write_text("is not told")
        (tmp_path / "ada").chmod(0o777)
        assert told() == frozenset({"ada"})


def test_everything_is_looked_at_now_and_then_even_if_the_kernel_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with noticing(tmp_path, 0.05) as told:
        assert told() is None

    def no_watch_left(*_: object, **__: object) -> Iterator[object]:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(notice, "watch", no_watch_left)
    with noticing(tmp_path, 0.05) as told:
        assert told() is None


def test_a_folder_that_goes_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "inbound"
    folder.mkdir()
    with noticing(folder, 0.2) as told:
        shutil.rmtree(folder)
        while told() is not None:
            pass
        folder.mkdir()
        for number in range(100):
            (folder / f"ada{number}").mkdir()
            if f"ada{number}" in (told() or ()):
                break
        else:
            pytest.fail("nothing was told of the new folder")
