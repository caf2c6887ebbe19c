from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build
from autograder.course import load_course
from autograder.scaffold import new_exercise
from tests.fakes import SUMS, code, notebook, tiny_course

WORK = "other = ...\n### BEGIN SOLUTION\nother = 8\n### END SOLUTION"


def _built(root: Path) -> list[dict[str, Any]]:
    build(load_course(root), "sums")
    cells: list[dict[str, Any]] = json.loads((root / "source/sums/sums.ipynb").read_bytes())["cells"]
    return cells


def _rewrite(root: Path, *cells: dict[str, Any]) -> list[str]:
    """Write the notebook, build it, and return its cells' grade ids; "" for a cell without."""
    (root / "source/sums/sums.ipynb").write_text(json.dumps(notebook(*cells)))
    return _ids(_built(root))


def _ids(cells: list[dict[str, Any]]) -> list[str]:
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]


def _all_differ(ids: list[str]) -> bool:
    given = [name for name in ids if name]
    return len(set(given)) == len(given)


@pytest.mark.parametrize("kind", ["function", "order"])
def test_two_new_exercises_of_one_kind_get_work_cells_with_two_ids(tmp_path: Path, kind: str) -> None:
    root = tiny_course(tmp_path)
    for exercise in ("one", "two"):
        new_exercise(load_course(root), "sums", exercise, kind)
    ids = _ids(_built(root))
    assert _all_differ(ids)
    assert ids[-1] == "two"


def test_of_a_work_cell_and_its_copy_the_first_keeps_the_id(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    before = _ids(cells)
    after = _rewrite(tmp_path, *cells[:7], cells[6] | {"source": WORK}, cells[7])
    assert [*after[:7], after[8]] == before
    assert after[7].startswith("work-")
    assert _all_differ(after)


def test_ids_that_were_given_stay_from_build_to_build(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    after = _rewrite(tmp_path, *cells[:6], cells[6], cells[6], cells[6], cells[7])
    assert _all_differ(after)
    assert _ids(_built(tmp_path)) == after


def test_an_id_that_another_cell_has_already_is_not_given_to_a_copy_above_it(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    name = cells[6]["metadata"]["nbgrader"]["grade_id"]
    taken = cells[6] | {"metadata": {"nbgrader": cells[6]["metadata"]["nbgrader"] | {"grade_id": f"{name}-2"}}}
    after = _rewrite(tmp_path, *cells[:6], cells[6], cells[6], taken, cells[7])
    assert after[6:9] == [name, f"{name}-3", f"{name}-2"]


def test_a_question_that_is_shown_twice_has_two_ids(tmp_path: Path) -> None:
    after = _rewrite(tiny_course(tmp_path), *SUMS["cells"][:6], code('ask("seven")'), *SUMS["cells"][6:])
    assert after[5:7] == ["seven-ask", "seven-ask-2"]


def test_a_question_that_is_shown_again_further_up_leaves_the_first_its_id(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    after = _rewrite(tmp_path, cells[0], cells[1], code('ask("seven")'), *cells[2:])
    assert after[2] == "seven-ask-2"
    assert after[6] == "seven-ask"


def test_a_copied_question_with_another_id_in_it_is_named_by_what_it_shows(tmp_path: Path) -> None:
    cells = SUMS["cells"]
    asks = {"nbgrader": {"grade_id": "double-ask", "locked": True, "grade": False, "solution": False}}
    after = _rewrite(tiny_course(tmp_path), *cells[:5], code('ask("seven")', **asks), *cells[6:])
    assert after[5] == "seven-ask"


def test_a_copy_that_shows_the_question_no_more_leaves_the_id_to_the_one_that_does(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    after = _rewrite(tmp_path, *cells[:5], cells[5] | {"source": "print(1)"}, *cells[5:])
    assert after[5:7] == ["seven-ask-2", "seven-ask"]


def test_a_copy_of_a_check_cell_becomes_a_work_cell_with_an_id_of_its_own(tmp_path: Path) -> None:
    cells = _built(tiny_course(tmp_path))
    after = _rewrite(tmp_path, *cells[:7], cells[7] | {"source": WORK}, cells[7])
    assert after[7].startswith("work-")
    assert after[8] == "seven"
