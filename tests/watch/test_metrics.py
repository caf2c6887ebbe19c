"""The watcher in numbers, for who is on call; and nobody's name among them."""

from __future__ import annotations

import re
import socket
import threading
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import AutograderError
from autograder.hub.demo import free_ports
from autograder.watch.events import Event
from autograder.watch.metrics import Metrics
from autograder.watch.systemd import notify
from autograder.watch.watcher import Waiting, Watcher
from tests.watch.hall import Hall

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore:unclosed file .*(timestamp.txt|[.]html):ResourceWarning"),
]


def read(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        text: str = page.read().decode()
        return text


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"no {name} in\n{text}"
    return float(found[1])


@pytest.fixture
def metrics(hall: Hall) -> Metrics:
    return Metrics("tiny", "0.1.0", "bwrap-root")


def watcher(hall: Hall, metrics: Metrics) -> Watcher:
    """As the command makes one."""
    hall.engine, engine = metrics.counting(hall.engine), hall.engine  # type: ignore[assignment]
    made = hall.watcher()
    made._print = lambda event: (hall.events.append(event), metrics.tell(event))  # type: ignore[func-returns-value, assignment]
    hall.engine = engine
    metrics.follow(made.waiting)
    return made


def test_what_became_of_submissions_is_counted_and_names_nobody(hall: Hall, metrics: Metrics) -> None:
    hall.engine.lose.add("bea-lost")
    for student in ("ada-quick", "bea-lost"):
        hall.submit(student)
    (hall.inbound / "eve-evil+no-such-assignment+2026+x").mkdir(mode=0o777)
    (hall.inbound / "eve-evil+no-such-assignment+2026+x" / "submission_secret.txt").write_text("x")
    (hall.inbound / "eve-evil+no-such-assignment+2026+x").chmod(0o777)
    watcher(hall, metrics).run(once=True)
    metrics.serve(str(port := free_ports(1)[0]))
    text = read(port)
    for event, count in (("arrived", 2), ("graded", 1), ("feedback", 1), ("lost", 1)):
        assert value(text, f'autograder_submissions_total{{assignment="sums",event="{event}"}}') == count
    assert value(text, 'autograder_submissions_total{assignment="",event="refused"}') == 1
    assert (
        value(text, 'autograder_runs_total{status="done"}') == value(text, 'autograder_runs_total{status="lost"}') == 1
    )
    assert value(text, 'autograder_answers_total{status="ok"}') == 3
    assert value(text, "autograder_feedback_seconds_count") == 1
    assert 0 < value(text, "autograder_feedback_seconds_sum") < 600
    assert abs(value(text, "autograder_last_success_timestamp_seconds") - datetime.now(UTC).timestamp()) < 600
    assert value(text, 'autograder_info{course="tiny",tier="bwrap-root",version="0.1.0"}') == 1
    assert value(text, "process_resident_memory_bytes") > 0
    for word in ("ada-quick", "bea-lost", "eve-evil", "no-such-assignment"):
        assert word not in text


def test_the_queue_is_as_it_is_when_somebody_asks(hall: Hall, metrics: Metrics) -> None:
    hall.school.edit_toml("[assignments.sums]", "[course.watch]\nper_hour = 1\n\n[assignments.sums]")
    hall.submit("ada")
    hall.once()
    hall.submit("ada")
    reached, go_on = threading.Event(), threading.Event()

    def hold(job: object) -> None:
        reached.set()
        assert go_on.wait(20)

    hall.engine.before = hold
    hall.submit("ben")
    hall.submit("cleo")
    made = watcher(hall, metrics)
    metrics.serve(str(port := free_ports(1)[0]))
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        assert reached.wait(20)
        text = read(port)
        assert value(text, 'autograder_waiting{why="turn"}') == value(text, "autograder_in_work") == 1
        assert value(text, 'autograder_waiting{why="share"}') == 1
        assert value(text, "autograder_oldest_waiting_seconds") > 0 and value(text, "autograder_watching") == 1
    finally:
        go_on.set()
        hall.wait("feedback", "cleo")
        made.stop()
        thread.join()
    text = read(port)
    assert value(text, 'autograder_waiting{why="turn"}') == value(text, "autograder_in_work") == 0
    assert value(text, "autograder_oldest_waiting_seconds") == value(text, "autograder_watching") == 0


def test_what_was_held_back_for_days_does_not_make_us_look_slow(hall: Hall, metrics: Metrics) -> None:
    hall.school.edit_toml("[assignments.sums]", '[assignments.sums]\nfeedback = "by-hand"')
    hall.submit("ada")
    watcher(hall, metrics).run(once=True)
    hall.school.edit_toml('feedback = "by-hand"', 'feedback = "at-once"')
    again = Metrics("tiny", "", "")
    watcher(hall, again).run(once=True)
    again.serve(str(port := free_ports(1)[0]))
    assert value(read(port), 'autograder_submissions_total{assignment="sums",event="feedback"}') == 1
    assert value(read(port), "autograder_feedback_seconds_count") == 0


def test_only_this_machine_is_answered_unless_a_host_is_named(metrics: Metrics) -> None:
    (port,) = free_ports(1)
    metrics.serve(str(port))
    metrics.follow(lambda: Waiting(0, 0, 0, 0, 0.0))
    with socket.socket() as probe:
        probe.settimeout(1)
        with pytest.raises(OSError):
            probe.connect(("127.0.0.2", port))
    assert read(port)


@pytest.mark.parametrize("address", ["nine", "", "70000", "127.0.0.1:"])
def test_an_address_that_is_none_is_answered_with_what_to_write(metrics: Metrics, address: str) -> None:
    with pytest.raises(AutograderError, match="--metrics 9101"):
        metrics.serve(address)


def test_a_port_that_is_taken_is_told_before_anybody_is_graded(metrics: Metrics) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AutograderError, match="Name a free port"):
            metrics.serve(str(taken.getsockname()[1]))


def test_systemd_is_told_when_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        for kind in ("arrived", "watching", "stopped"):
            notify(Event(kind))
        assert [heard.recv(100), heard.recv(100)] == [b"READY=1", b"STOPPING=1"]
    notify(Event("watching"))  # nobody listens any more: that stops nothing
