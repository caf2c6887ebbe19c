from __future__ import annotations

import json

from autograder.watch.events import Event


def test_an_event_is_one_line_whatever_a_student_is_called() -> None:
    event = Event("refused", "e\x1b[2Jve\n", "sums", "a\rb", "e\x1b[2Jve\n+sums+x", {"noticed": 0.5})
    assert str(event).isprintable() and "e\\x1b[2Jve\\n, sums: a\\rb" in str(event)
    (line,) = event.as_json().splitlines()
    told = json.loads(line)
    assert (told["event"], told["student"], told["noticed"]) == ("refused", "e\x1b[2Jve\n", 0.5)


def test_what_is_nobodys_shows_no_empty_places() -> None:
    assert str(Event("stopped")).endswith("  stopped")
    assert set(json.loads(Event("stopped").as_json())) == {"time", "event"}
