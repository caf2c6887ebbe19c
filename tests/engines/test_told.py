from __future__ import annotations

import pytest

from autograder.engines import told
from autograder.sandbox.session import End
from autograder.types import Limits


def cell(source: str | list[str]) -> dict[str, object]:
    return {"cell_type": "code", "source": source}


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (End("memory", "more than 4096 MB", 0), "Your code used more than 4 GB of memory in the cell that starts"),
        (End("timeout", "20 s in one cell", 0), "Your code took more than 20 s in the cell that starts"),
        (End("timeout", "60 s of CPU time", None), "Your code took more than 60 s of CPU time, after the last cell."),
        (End("disk", "more than 100,000 files", 0), "Your code wrote more than 100,000 files in the cell that starts"),
        (End("output", "more than 16 MB of messages", 0), "more than it may (more than 16 MB of messages) in the cell"),
        (End("output", "protocol: nonsense", 0), "Your code sent something that no notebook's kernel sends in"),
        (End("crashed", "", 0), "The kernel of your notebook died in the cell that starts `x = 1`."),
    ],
)
def test_every_limit_has_a_word_of_its_own_with_its_number_and_its_cell(end: End, words: str) -> None:
    (remark,) = told.ended(end, Limits(), [cell("# a comment\n\nx = 1\ny = 2")])
    assert words in remark.student


def test_a_kernel_that_ended_itself_is_told_to_staff_in_words() -> None:
    (remark,) = told.ended(End("crashed", "", 0), Limits(), [cell("x = 1")])
    assert remark.staff == "crashed: the kernel died of its own accord"


@pytest.mark.parametrize(("mb", "words"), [(512, "512 MB"), (1024, "1 GB"), (1536, "1.5 GB"), (4096, "4 GB")])
def test_sizes_read_as_people_say_them(mb: int, words: str) -> None:
    assert told.size(mb) == words


def test_a_cell_is_named_by_its_first_line_of_code_and_never_breaks_out_of_its_quotes() -> None:
    assert told.place_of(cell(["# why\n", "run(`x`)\n", "more()"])) == "in the cell that starts `run('x')`"
    assert told.place_of(cell("a" * 100)).endswith(f"`{'a' * 57}...`")
    assert told.place_of(cell("# nothing")) == "in this cell"


def test_memory_that_was_refused_is_told_with_its_cell() -> None:
    assert told.refused(cell("x = 1"), 3, Limits()).student == (
        "Your code asked for more memory than the 4 GB it may use in the cell that starts `x = 1`. It got none."
    )
