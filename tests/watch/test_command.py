"""`autograder watch` as a person or a script meets it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from autograder import cli
from autograder.engines import local
from autograder.errors import LOST, SandboxError
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]

Command = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def watch(hall: Hall, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run the command with an engine without kernels; return its exit code, the lines it printed, and stderr."""
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(local, "LocalEngine", lambda workers: hall.engine)

    def run(*options: str) -> tuple[int, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["autograder", "watch", *options, "--course", str(hall.root)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out.splitlines(), said.err

    yield run
    for number, handler in handlers:
        signal.signal(number, handler)


def test_each_event_is_a_line_of_json(hall: Hall, watch: Command) -> None:
    hall.submit("ada")
    code, lines, said = watch("--once", "--json")
    told = [json.loads(line) for line in lines]
    assert (code, said) == (0, "")
    assert [event["event"] for event in told] == ["arrived", "graded", "feedback"]
    assert (told[1]["score"], told[1]["max_score"]) == (4, 8)
    assert told[2].keys() >= {"collected", "run", "recorded", "page", "released", "cpu"}


def test_each_event_is_a_line_to_read(hall: Hall, watch: Command) -> None:
    hall.submit("ada")
    code, lines, _ = watch("--once")
    assert code == 0 and len(lines) == 3 and "graded      ada, sums: 4 of 8" in lines[1]


def test_what_failed_on_our_side_shows_in_the_exit_code(hall: Hall, watch: Command) -> None:
    hall.submit("ada")
    hall.engine.lose.add("ada")
    code, lines, _ = watch("--once")
    assert code == LOST and "the worker died. Nobody lost a point" in lines[-1]


def test_where_nothing_confines_nobody_is_graded(hall: Hall, watch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(least: str) -> str:
        raise SandboxError("This machine cannot confine student code.")

    monkeypatch.setattr(hall.engine, "environment", refuse)
    hall.submit("ada")
    assert watch("--once") == (1, [], "autograder: This machine cannot confine student code.\n")
    assert not (hall.root / "submitted" / "ada").exists()


def test_a_signal_ends_it(hall: Hall, watch: Command) -> None:
    hall.engine.before = lambda job: signal.raise_signal(signal.SIGTERM)
    hall.submit("ada")
    code, lines, _ = watch()
    assert code == 0 and lines[-1].endswith("stopped")
    assert hall.listed("ada") == [True]  # what was in work was finished
