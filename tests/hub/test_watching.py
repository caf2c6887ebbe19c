"""`autograder watch` as a service that is kept running."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from autograder.hub import watching
from tests.waiting import until


@pytest.fixture
def inbound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the exchange would take submissions; not there yet."""
    monkeypatch.setattr(watching, "exchange_of", lambda root: (tmp_path / "exchange", "cnn"))
    monkeypatch.setattr(watching, "LOOK", 0.02)
    monkeypatch.setattr(watching, "PAUSE", 0.02)
    return tmp_path / "exchange" / "cnn" / "inbound"


def kept(root: Path, program: str, during: Callable[[], None]) -> None:
    """Keep a program running, and do something meanwhile."""
    stop = threading.Event()
    thread = threading.Thread(target=watching.keep, args=(root, [sys.executable, "-c", program], stop))
    thread.start()
    try:
        during()
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_it_waits_for_the_first_release(tmp_path: Path, inbound: Path, capfd: pytest.CaptureFixture[str]) -> None:
    started = tmp_path / "started"

    def during() -> None:
        time.sleep(0.3)
        assert not started.exists()
        inbound.mkdir(parents=True)
        until(started.exists)

    kept(tmp_path, f"open({str(started)!r}, 'w'); import time; time.sleep(600)", during)
    assert capfd.readouterr().out.count("waiting for the first release") == 1


def test_it_is_started_again_when_it_ends(tmp_path: Path, inbound: Path, capfd: pytest.CaptureFixture[str]) -> None:
    inbound.mkdir(parents=True)
    starts = tmp_path / "starts"
    starts.touch()
    kept(
        tmp_path,
        f"open({str(starts)!r}, 'a').write('x'); raise SystemExit(7)",
        lambda: until(lambda: len(starts.read_text()) >= 2),
    )
    assert "ended with 7" in capfd.readouterr().out


KEEPER = """
import sys, threading
from pathlib import Path
from autograder.hub import watching
watching.exchange_of = lambda root: (Path(sys.argv[1]), "cnn")
watching.keep(Path(sys.argv[1]), [sys.executable, "-c", sys.argv[2]], threading.Event())
"""


def test_the_watcher_ends_with_a_keeper_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "cnn" / "inbound").mkdir(parents=True)
    mark = tmp_path / "pid"
    program = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(tmp_path), program])
    until(lambda: mark.exists() and mark.read_text() != "")
    watcher = psutil.Process(int(mark.read_text()))
    keeper.kill()
    keeper.wait()
    until(lambda: not watcher.is_running() or watcher.status() == psutil.STATUS_ZOMBIE)
