from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from autograder.nbgrader_ext.collect import Arrival
from autograder.watch.turns import Turns

START = datetime(2026, 1, 1)


def came(student: str, minute: int = 0, assignment: str = "sums") -> Arrival:
    name = f"{student}+{assignment}+{minute}"
    return Arrival(student, assignment, Path(name), START + timedelta(minutes=minute), None)


def order(turns: Turns) -> list[str]:
    """Take all, one after the other."""
    taken = []
    while (arrival := turns.take()) is not None:
        taken.append(arrival.name)
        turns.done(arrival.student)
    return taken


def test_students_take_turns_in_the_order_in_which_they_came() -> None:
    turns = Turns()
    for student in ("eve", "ada", "bob"):
        turns.put(came(student))
    assert [name.split("+")[0] for name in order(turns)] == ["eve", "ada", "bob"]


def test_a_newer_one_takes_the_place_of_an_older_one_and_its_turn() -> None:
    turns = Turns()
    for arrival in (first := came("eve"), came("ada")):
        assert turns.put(arrival) is None
    assert turns.put(came("eve", 1)) == first
    assert order(turns) == ["eve+sums+1", "ada+sums+0"]


def test_who_hands_in_several_assignments_goes_behind_the_others_after_each() -> None:
    turns = Turns()
    for arrival in (came("eve"), came("eve", 0, "more"), came("eve", 0, "most"), came("ada"), came("bob")):
        turns.put(arrival)
    assert order(turns) == ["eve+sums+0", "ada+sums+0", "bob+sums+0", "eve+more+0", "eve+most+0"]


def test_who_has_one_in_work_waits_with_the_next_and_then_behind_the_others() -> None:
    turns = Turns()
    turns.put(came("eve"))
    assert turns.take() == came("eve")
    turns.put(came("eve", 1))
    assert turns.take() is None and turns.busy == {"eve"}
    turns.put(came("ada"))
    turns.done("eve")
    assert order(turns) == ["ada+sums+0", "eve+sums+1"]


def test_what_is_not_ready_holds_up_nobody_and_not_even_its_own_student() -> None:
    turns = Turns()
    for arrival in (came("eve"), came("eve", 0, "more"), came("ada")):
        turns.put(arrival)
    taken = turns.take(lambda arrival: arrival.name != "eve+sums+0")
    assert taken == came("eve", 0, "more")
    turns.done("eve")
    assert order(turns) == ["ada+sums+0", "eve+sums+0"]
    assert turns.waiting("eve", "sums") is None
