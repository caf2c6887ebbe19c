from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.doctor import Repaired, blank, repair
from autograder.errors import NotebookError
from autograder.release import Release

Notebook = dict[str, Any]


def cell(kind: str, source: str, id: str, **nbgrader: Any) -> Notebook:
    made: Notebook = {"cell_type": kind, "id": id, "metadata": {}, "source": source.splitlines(keepends=True)}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    if nbgrader:
        about = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "cell_type": kind, **nbgrader}
        made["metadata"] = {"nbgrader": about, "deletable": False}
    return made


def check(exercise: str, variable: str) -> Notebook:
    source = f'check("{exercise}", {variable})'
    return cell("code", source, f"c-{exercise}", grade=True, locked=True, grade_id=exercise, points=4, checksum="x")


def ask(exercise: str) -> Notebook:
    return cell("code", f'ask("{exercise}")', f"a-{exercise}", locked=True, grade_id=f"{exercise}-ask")


STUB = "# YOUR CODE HERE\n"
GIVEN: Notebook = {
    "cells": [
        cell("code", 'from handin import ask, check\nme = ""', "first"),
        cell("markdown", "# Counting", "teach-1"),
        ask("total"),
        cell("code", STUB, "w-total", solution=True, grade_id="total-work"),
        check("total", "total"),
        cell("markdown", "# Choosing", "teach-2"),
        ask("loss"),
        cell("code", 'loss = ""', "q-loss"),
        check("loss", "loss"),
        cell("markdown", "YOUR ANSWER HERE", "p-why", grade=True, solution=True, grade_id="why", points=3),
        cell("markdown", "The end", "end"),
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "autograder": {"assignment": "arithmetic", "version": "0123456789abcdef"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
QUESTIONS = {"exercises": {name: {"title": name.title()} for name in ("total", "loss", "why")}}
RELEASE = Release("arithmetic", "0123456789abcdef", {"nb": GIVEN}, {"questions.json": json.dumps(QUESTIONS).encode()})
GRADED = ("total", "loss", "why")


def student(**edits: str) -> Notebook:
    """Return the release as an honest student leaves it: work done, outputs shown."""
    made = copy.deepcopy(GIVEN)
    by_id(made, "w-total")["source"] = edits.get("total", "total = 42")
    by_id(made, "w-total")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    by_id(made, "q-loss")["source"] = edits.get("loss", 'loss = "mse"')
    by_id(made, "p-why")["source"] = edits.get("why", "Because.")
    by_id(made, "first")["source"] = 'from handin import ask, check\nme = "ada"'
    return made


def by_id(notebook: Notebook, id: str) -> Notebook:
    found: Notebook = next(c for c in notebook["cells"] if c.get("id") == id)
    return found


def graded(notebook: Notebook, exercise: str) -> Notebook:
    (found,) = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == exercise]
    return dict(found)


def treat(notebook: Notebook) -> Repaired:
    return repair(json.dumps(notebook).encode(), RELEASE, "nb")


def told(repaired: Repaired) -> str:
    return " ".join(remark.student for remark in repaired.repairs if remark.student)


def noted(repaired: Repaired) -> str:
    return " ".join(remark.staff for remark in repaired.repairs)


def sources(repaired: Repaired) -> list[str]:
    return [c["source"] for c in repaired.notebook["cells"]]


def insert_after(notebook: Notebook, id: str, *cells: Notebook) -> None:
    place = notebook["cells"].index(by_id(notebook, id)) + 1
    notebook["cells"][place:place] = cells


def remove(notebook: Notebook, *ids: str) -> Notebook:
    notebook["cells"] = [c for c in notebook["cells"] if c.get("id") not in ids]
    return notebook


def test_an_honest_notebook_is_left_alone_without_a_word() -> None:
    repaired = treat(student())
    assert repaired.repairs == ()
    assert "total = 42" in sources(repaired)


def test_the_untouched_release_is_left_alone() -> None:
    assert treat(GIVEN).repairs == ()


def test_outputs_are_cleared_because_every_cell_runs_again() -> None:
    assert all(c["outputs"] == [] for c in treat(student()).notebook["cells"] if c["cell_type"] == "code")


def test_the_result_is_a_valid_notebook() -> None:
    nbformat.validate(nbformat.from_dict(treat(student()).notebook))


def test_added_cells_are_told_to_staff_only() -> None:
    notebook = student()
    insert_after(notebook, "teach-1", cell("code", "x = 1", "n1"), cell("markdown", "my notes", "n2"))
    repaired = treat(notebook)
    assert told(repaired) == "" and "2 added cells" in noted(repaired)


def test_new_space_in_a_locked_cell_is_nothing_to_speak_of() -> None:
    notebook = student()
    by_id(notebook, "c-total")["source"] = '\ncheck( "total",  total )\n'
    repaired = treat(notebook)
    assert repaired.repairs == ()
    assert graded(repaired.notebook, "total")["source"] == 'check("total", total)'


def test_a_changed_locked_cell_comes_back_and_the_students_words_run_above_it() -> None:
    notebook = student()
    by_id(notebook, "c-total")["source"] = 'total = 7\nprint("100 %")'
    repaired = treat(notebook)
    place = sources(repaired).index('check("total", total)')
    assert sources(repaired)[place - 1] == 'total = 7\nprint("100 %")'
    assert "You changed the cell that hands in “Total”" in told(repaired)


def test_a_skip_tag_is_removed() -> None:
    notebook = student()
    by_id(notebook, "c-total")["metadata"]["tags"] = ["skip-execution"]
    by_id(notebook, "q-loss")["metadata"]["tags"] = ["skip-execution", "mine"]
    repaired = treat(notebook)
    assert not any("tags" in c["metadata"] for c in repaired.notebook["cells"])
    assert "keeps it from running" in told(repaired)


def test_edited_points_are_what_they_were() -> None:
    notebook = student()
    by_id(notebook, "c-total")["metadata"]["nbgrader"]["points"] = 400
    repaired = treat(notebook)
    assert graded(repaired.notebook, "total")["metadata"]["nbgrader"]["points"] == 4
    assert "points" in told(repaired)


def test_a_second_cell_that_shows_a_question_is_named_as_the_first_is() -> None:
    again = cell("code", 'ask("total")', "a-total-2", locked=True, grade_id="total-ask-2")
    given_out = GIVEN | {"cells": [*GIVEN["cells"], again]}
    changed = given_out | {"cells": [*GIVEN["cells"], again | {"source": "print(1)"}]}
    repaired = repair(json.dumps(changed).encode(), replace(RELEASE, notebooks={"nb": given_out}), "nb")
    assert "You changed the cell that shows the question “Total”." in told(repaired)


def test_stripped_metadata_is_restored_and_told_to_staff() -> None:
    notebook = student()
    for c in notebook["cells"]:
        c["metadata"] = {}
    repaired = treat(notebook)
    assert told(repaired) == "" and "metadata restored" in noted(repaired)
    assert graded(repaired.notebook, "why")["source"] == "Because."


def test_of_two_check_cells_with_one_id_the_last_keeps_it_and_both_run() -> None:
    notebook = student()
    copied = copy.deepcopy(by_id(notebook, "c-total")) | {"id": "copy"}
    insert_after(notebook, "c-loss", copied)
    repaired = treat(notebook)
    assert sources(repaired).count('check("total", total)') == 2
    places = [n for n, s in enumerate(sources(repaired)) if s == 'check("total", total)']
    assert repaired.notebook["cells"][places[-1]]["metadata"]["nbgrader"]["grade_id"] == "total"
    assert repaired.notebook["cells"][places[0]]["metadata"] == {}
    assert "2 copies" in told(repaired)


def test_a_check_that_the_student_typed_again_is_an_ordinary_cell() -> None:
    notebook = student()
    insert_after(notebook, "c-loss", cell("code", 'check("total", total)', "typed"))
    repaired = treat(notebook)
    assert told(repaired) == ""
    assert by_id(repaired.notebook, "c-total")["metadata"]["nbgrader"]["grade_id"] == "total"


def test_of_two_copies_of_an_answer_the_changed_one_is_graded() -> None:
    notebook = student(why="Because of this.")
    copied = copy.deepcopy(by_id(GIVEN, "p-why")) | {"id": "copy"}
    insert_after(notebook, "p-why", copied)
    repaired = treat(notebook)
    assert graded(repaired.notebook, "why")["source"] == "Because of this."
    assert "2 copies" in told(repaired)


def test_of_two_changed_answers_the_last_is_graded_and_the_other_stays_readable() -> None:
    notebook = student(why="First.")
    insert_after(notebook, "p-why", copy.deepcopy(by_id(notebook, "p-why")) | {"id": "copy", "source": "Second."})
    repaired = treat(notebook)
    assert graded(repaired.notebook, "why")["source"] == "Second." and "First." in sources(repaired)


def test_a_deleted_check_cell_comes_back_below_the_work() -> None:
    repaired = treat(remove(student(), "c-total"))
    shown = sources(repaired)
    assert shown.index("total = 42") < shown.index('check("total", total)') < shown.index("# Choosing")
    assert "was missing. It was put back" in told(repaired)


def test_a_deleted_check_cell_comes_back_below_the_cells_that_replaced_the_work() -> None:
    notebook = student()
    insert_after(notebook, "a-total", cell("code", "half = 21", "n1"), cell("code", "total = 2 * half", "n2"))
    shown = sources(treat(remove(notebook, "w-total", "c-total")))
    assert shown.index("total = 2 * half") < shown.index('check("total", total)') < shown.index("# Choosing")
    assert STUB not in shown  # put back, it would overwrite nothing here, but elsewhere it might


def test_a_deleted_question_comes_back_above_the_work() -> None:
    shown = sources(treat(remove(student(), "a-total")))
    assert shown.index("# Counting") < shown.index('ask("total")') < shown.index("total = 42")


def test_a_deleted_answer_comes_back_as_it_was_given() -> None:
    assert graded(treat(remove(student(), "p-why")).notebook, "why")["source"] == "YOUR ANSWER HERE"


def test_deleted_reading_stays_deleted_without_a_word() -> None:
    repaired = treat(remove(student(), "teach-1", "end"))
    assert repaired.repairs == () and "# Counting" not in sources(repaired)


def test_a_deleted_import_comes_back() -> None:
    repaired = treat(remove(student(), "first"))
    assert sources(repaired)[0].startswith("from handin import") and "ask() and check()" in told(repaired)


def test_an_emptied_import_comes_back() -> None:
    notebook = student()
    by_id(notebook, "first")["source"] = "import numpy"
    assert sources(treat(notebook))[0].startswith("from handin import")


@pytest.mark.parametrize(
    ("id", "kind"), [("c-total", "markdown"), ("w-total", "raw"), ("p-why", "code"), ("q-loss", "markdown")]
)
def test_a_retyped_cell_gets_its_type_back_and_keeps_its_text(id: str, kind: str) -> None:
    notebook = student()
    before = by_id(notebook, id)
    before["cell_type"] = kind
    repaired = treat(notebook)
    after = by_id(repaired.notebook, id)
    assert after["cell_type"] == by_id(GIVEN, id)["cell_type"]
    assert after["source"] == "".join(before["source"])
    assert "cell again" in told(repaired)


def test_a_check_above_its_work_is_moved_below_it() -> None:
    notebook = student()
    check_cell = by_id(notebook, "c-total")
    remove(notebook, "c-total")
    notebook["cells"].insert(1, check_cell)
    shown = sources(treat(notebook))
    assert shown.index("total = 42") < shown.index('check("total", total)')


def test_the_check_of_a_quiz_is_moved_below_its_answer() -> None:
    notebook = student()
    answer = by_id(notebook, "q-loss")
    remove(notebook, "q-loss")
    notebook["cells"].append(answer)
    shown = sources(treat(notebook))
    assert shown.index('loss = "mse"') < shown.index('check("loss", loss)')


def test_exercises_in_another_order_are_left_so() -> None:
    notebook = student()
    cells = notebook["cells"]
    notebook["cells"] = [cells[0], *cells[5:9], *cells[1:5], *cells[9:]]
    assert treat(notebook).repairs == ()


def test_a_renamed_check_is_found_by_what_it_holds() -> None:
    notebook = student()
    by_id(notebook, "c-total")["metadata"]["nbgrader"]["grade_id"] = "other"
    by_id(notebook, "c-total")["id"] = "new"
    repaired = treat(notebook)
    assert graded(repaired.notebook, "total")["source"] == 'check("total", total)'
    assert len(repaired.notebook["cells"]) == len(GIVEN["cells"])
    assert "lost its name" in told(repaired)


def test_two_checks_that_swapped_their_ids_get_their_own_back() -> None:
    notebook = student()
    by_id(notebook, "c-total")["metadata"]["nbgrader"]["grade_id"] = "loss"
    by_id(notebook, "c-loss")["metadata"]["nbgrader"]["grade_id"] = "total"
    repaired = treat(notebook)
    assert graded(repaired.notebook, "total")["source"] == 'check("total", total)'
    assert len(repaired.notebook["cells"]) == len(GIVEN["cells"])


def test_a_renamed_answer_is_found_by_its_cell_id() -> None:
    notebook = student()
    by_id(notebook, "p-why")["metadata"]["nbgrader"]["grade_id"] = "because"
    assert graded(treat(notebook).notebook, "why")["source"] == "Because."


def test_a_cell_that_pretends_to_be_graded_is_ordinary() -> None:
    notebook = student()
    forged = cell("code", "1", "forged", grade=True, locked=True, grade_id="bonus", points=1000)
    notebook["cells"].append(forged)
    repaired = treat(notebook)
    assert by_id(repaired.notebook, "forged")["metadata"] == {}
    assert "no such exercise" in told(repaired)


def test_a_foreign_kernel_is_replaced() -> None:
    notebook = student()
    notebook["metadata"] = {
        "kernelspec": {"name": "ir", "language": "R", "display_name": "R"},
        "language_info": {"name": "R"},
    }
    repaired = treat(notebook)
    assert repaired.notebook["metadata"] == GIVEN["metadata"]
    assert "another language" in told(repaired)


def test_the_name_of_a_laptops_python_is_nothing_to_speak_of() -> None:
    notebook = student()
    notebook["metadata"] = {"kernelspec": {"name": "conda-env", "language": "python"}, "widgets": {"a": 1}}
    repaired = treat(notebook)
    assert repaired.repairs == () and repaired.notebook["metadata"] == GIVEN["metadata"]


def test_pasted_pictures_stay_with_an_answer_and_scripts_do_not() -> None:
    notebook = student()
    by_id(notebook, "p-why")["attachments"] = {"a.png": {"image/png": "QQ=="}, "b": {"text/html": "<script>"}}
    assert graded(treat(notebook).notebook, "why")["attachments"] == {"a.png": {"image/png": "QQ=="}}


def test_cell_ids_become_unique() -> None:
    notebook = student()
    for c in notebook["cells"]:
        c["id"] = "same"
    ids = [c["id"] for c in treat(notebook).notebook["cells"]]
    assert len(ids) == len(set(ids))


def test_a_remark_says_which_cell_it_is_about() -> None:
    repaired = treat(remove(student(), "c-total"))
    assert [sources(repaired)[r.cell] for r in repaired.repairs if r.cell is not None] == ['check("total", total)']


def test_no_notebook_at_all_is_refused() -> None:
    with pytest.raises(NotebookError, match="JSON"):
        repair(b"PK\x03\x04", RELEASE, "nb")


def test_a_notebook_of_another_name_is_refused_with_the_right_names() -> None:
    with pytest.raises(NotebookError, match=r"nb\.ipynb"):
        repair(b'{"cells": []}', RELEASE, "other")


def test_what_cannot_be_read_becomes_the_release_with_a_word_about_it() -> None:
    given = copy.deepcopy(GIVEN)
    given["cells"][1]["attachments"] = {"figure.svg": {"image/svg+xml": "<svg/>"}}
    made = blank(replace(RELEASE, notebooks={"nb": given}), "nb", "it is no notebook.")
    assert by_id(made.notebook, "teach-1")["attachments"] == given["cells"][1]["attachments"]
    assert sources(made) == ["".join(c["source"]) for c in GIVEN["cells"]]
    assert "could not be read: it is no notebook. Nothing" in told(made)


VALUES = st.sampled_from(
    [None, 0, -1, "x", "total", "why", [], {}, {"grade_id": "loss"}, {"grade_id": 3, "grade": True}, ["a"]]
)
FIELDS = st.sampled_from(["cell_type", "source", "metadata", "id", "outputs", "attachments", "nbgrader", "tags"])
NBGRADER = st.sampled_from(["grade_id", "grade", "solution", "locked", "points", "task", "schema_version"])


def swap(notebook: Notebook, draw: Callable[..., Any]) -> None:
    cells = notebook["cells"]
    one, other = (draw(st.integers(0, len(cells) - 1)) for _ in range(2))
    cells[one], cells[other] = cells[other], cells[one]


def duplicate(notebook: Notebook, draw: Callable[..., Any]) -> None:
    cells = notebook["cells"]
    cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(draw(st.sampled_from(cells))))


def delete(notebook: Notebook, draw: Callable[..., Any]) -> None:
    if len(notebook["cells"]) > 1:
        del notebook["cells"][draw(st.integers(0, len(notebook["cells"]) - 1))]


def retype(notebook: Notebook, draw: Callable[..., Any]) -> None:
    draw(st.sampled_from(notebook["cells"]))["cell_type"] = draw(
        st.sampled_from(["code", "markdown", "raw", "heading"])
    )


def edit(notebook: Notebook, draw: Callable[..., Any]) -> None:
    sampled = draw(st.sampled_from(notebook["cells"]))
    sampled["source"] = draw(st.sampled_from(["", "x = 1", 'check("loss", loss)', 'ask("total")', STUB, ["a\n", 3]]))


def mangle(notebook: Notebook, draw: Callable[..., Any]) -> None:
    sampled = draw(st.sampled_from(notebook["cells"]))
    about = sampled.get("metadata", {}).get("nbgrader") if isinstance(sampled.get("metadata"), dict) else None
    if isinstance(about, dict) and draw(st.booleans()):
        about[draw(NBGRADER)] = draw(VALUES)
    else:
        sampled[draw(FIELDS)] = draw(VALUES)


MUTATIONS = st.lists(st.sampled_from([swap, duplicate, delete, retype, edit, mangle]), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.data(), MUTATIONS)
def test_whatever_was_done_every_graded_cell_is_there_once_and_repairing_twice_changes_nothing(
    data: st.DataObject, mutations: list[Callable[..., None]]
) -> None:
    notebook = student()
    for mutate in mutations:
        mutate(notebook, data.draw)
    repaired = treat(notebook)
    nbformat.validate(nbformat.from_dict(repaired.notebook))
    cells = repaired.notebook["cells"]
    found = Counter(c["metadata"].get("nbgrader", {}).get("grade_id") for c in cells)
    assert all(found[name] == 1 for name in (*GRADED, "total-ask", "loss-ask"))
    assert found["total-work"] <= 1
    assert set(found) <= {*GRADED, "total-ask", "loss-ask", "total-work", None}
    for name in GRADED:
        assert graded(repaired.notebook, name)["metadata"] == next(
            c["metadata"] for c in GIVEN["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name
        )
    assert treat(repaired.notebook).notebook == repaired.notebook
