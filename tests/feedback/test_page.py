from __future__ import annotations

import base64
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from autograder.feedback import markdown
from autograder.feedback.page import render
from autograder.types import Receipt, Remark, Report, Verdict
from tests.feedback.inert import Inspector, in_order, inspect
from tests.feedback.samples import (
    HOSTILE,
    code,
    hostile,
    hostile_notebook,
    lesson,
    notebook,
    png,
    reports,
    shown,
    stream,
)
from tests.feedback.samples import markdown as text_cell

REPORT = Report(
    "arithmetic",
    "ada",
    {"a": Verdict(0.5, "Half."), "b": Verdict(None, "Prose.", note="SECRET NOTE")},
    {"a": 4.0, "b": 2.0},
    {"a": "First", "b": "Second"},
    remarks=(Remark("A copied cell was set aside.", "SECRET REMARK"), Remark("", "SECRET TAMPERING")),
    receipt=Receipt("abcdef0123456789" * 4, "2026-11-20T17:42:11+01:00", ("a",)),
    tier="bubblewrap",
    seconds=4.2,
)


def page_of(*cells: dict[str, Any]) -> Inspector:
    return inspect(render(REPORT, {"nb": notebook(*cells)}))


def test_all_pages_of_a_class_are_inert_and_their_headings_in_order() -> None:
    for report in reports()[::3]:
        seen = inspect(render(report, {"nb": lesson()}, {"parameters": "Fine."}, {}, "Course", 0.5))
        assert not seen.faults
        assert in_order(seen.headings)
        assert len(seen.ids) == len(set(seen.ids))
        assert {t.removeprefix("#") for t in seen.targets if t.startswith("#")} <= set(seen.ids)


def test_hostile_strings_come_out_as_text_wherever_they_stand() -> None:
    page = render(
        hostile(), {HOSTILE: hostile_notebook(), "2": hostile_notebook()}, {HOSTILE: HOSTILE}, {}, HOSTILE, 1, HOSTILE
    )
    seen = inspect(page)
    assert not seen.faults
    assert in_order(seen.headings)
    assert "".join(seen.text).count("<script>alert('canary')") > 20
    assert not [target for target in seen.targets if "evil" in target]


def test_nothing_for_staff_is_printed() -> None:
    assert "SECRET" not in render(REPORT, {"nb": lesson()})
    assert "FOR-STAFF" not in render(hostile(), {})


def test_the_header_adds_up_with_points_of_a_person_and_the_late_penalty() -> None:
    seen = inspect(render(REPORT, {}, {}, {"b": 1.5}, "Course", 0.5))
    assert "3 of 6 points" in "".join(seen.text)
    assert "came late: 0.5 points" in "".join(seen.text)


def test_a_penalty_takes_no_more_than_there_is() -> None:
    assert "<strong>0</strong> of 6 points" in render(REPORT, {}, late_penalty=10)


def test_the_receipt_says_what_was_seen_by_our_clock() -> None:
    said = " ".join("".join(inspect(render(REPORT, {})).text).split())
    assert "20 November 2026, 16:42 UTC" in said
    assert "abcdef0123456789" in said
    assert "1 of 2; no answer seen for Second" in said
    assert "A copied cell was set aside." in said


def test_a_lost_submission_costs_nobody_a_point() -> None:
    page = render(replace(REPORT, lost="OSError: /srv/secret/path"), {"nb": lesson()})
    seen = inspect(page)
    assert not seen.faults
    assert "nobody loses a point" in page
    assert "secret" not in page
    assert "Half." not in page


def test_a_check_cell_is_linked_from_its_card() -> None:
    seen = page_of(code("check('a', 1)", grade_id="a"), code("check('a', 1)", grade_id="a"))
    assert seen.ids.count("cell-a") == 1
    assert "#cell-a" in seen.targets


def test_fifty_megabytes_of_output_make_a_small_page() -> None:
    flood = "x" * 99 + "\n"
    cells = [code("loop()", stream([flood] * 250_000), stream([flood] * 250_000))]
    assert len(render(REPORT, {"nb": notebook(*cells)})) < 100_000


def test_many_outputs_in_many_cells_stay_within_the_budget_of_a_page() -> None:
    outputs = [stream("y" * 20_000, "stderr" if i % 2 else "stdout") for i in range(60)]
    page = render(REPORT, {"nb": notebook(*[code("1", *outputs)] * 30)})
    assert len(page) < 3_000_000


@pytest.mark.parametrize(
    "broken",
    [
        {}, {"cells": None}, {"cells": "x"}, {"cells": [None, 3, "x", []]}, {"cells": [{}]}, [], None,
        {"cells": [{"cell_type": "code", "source": {"a": 1}, "outputs": {"x": 1}, "execution_count": "<b>"}]},
        {"cells": [{"cell_type": "code", "source": None, "outputs": [None, {}, {"output_type": "stream"}]}]},
        {"cells": [{"cell_type": "code", "source": [1, "\ud800"], "outputs": [{"output_type": "error"}]}]},
        {"cells": [{"cell_type": "markdown", "source": "\ud83d \x00", "metadata": {"nbgrader": {"grade_id": [1]}}}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": [1]}], "metadata": 3}]},
    ],
)  # fmt: skip
def test_a_notebook_of_any_shape_gives_a_page(broken: Any) -> None:
    page = render(REPORT, {"nb": broken})
    page.encode("utf-8")
    assert not inspect(page).faults


def test_a_png_is_shown_and_what_only_says_so_is_not() -> None:
    real = base64.b64encode(png()).decode()
    gif = base64.b64encode(b"GIF89a" + b"\0" * 60).decode()
    huge = bytearray(png())
    huge[16:24] = b"\x00\x00\xff\xff" * 2
    seen = page_of(
        code("1", shown(image_png=real)),
        code("2", shown(image_png=gif, text_plain="fallback")),
        code("3", shown(image_png=base64.b64encode(bytes(huge)).decode())),
        code("4", shown(image_png=base64.b64encode(png() + b"\0" * 2_000_000).decode())),
        code("5", shown(image_png=real[:-7] + "!" + real[-7:])),
    )
    assert seen.pictures == [f"data:image/png;base64,{real}"]
    assert "fallback" in "".join(seen.text)


def test_rich_output_is_shown_by_its_text_alone() -> None:
    seen = page_of(
        code("1", shown(text_html="<b>bold</b>", text_plain="plain")),
        code("2", shown(application_javascript="alert(1)")),
    )
    text = "".join(seen.text)
    assert "plain" in text
    assert "(rich output not shown)" in text
    assert "alert(1)" not in text


def test_a_question_is_shown_as_it_was_asked() -> None:
    question = "**How many?**\n\n<b>bold</b>\n\n| a |\n|---|\n| 1 |"
    seen = page_of(code('ask("a")', shown(text_markdown=question, text_plain="<IPython.core.display.Markdown object>")))
    text = "".join(seen.text)
    assert "How many?" in text and "**" not in text and "<b>bold</b>" in text
    assert "Markdown object" not in text
    assert not seen.faults


def test_a_hint_that_folds_shows_its_title() -> None:
    seen = page_of(text_cell("<details><summary>Hint: `a`</summary>\n\nLook *here*.\n\n</details>"))
    text = "".join(seen.text)
    assert "Hint: a" in text and "Look here." in text and "</details>" not in text


def test_a_training_log_in_many_pieces_is_one_output() -> None:
    text = render(REPORT, {"nb": notebook(code("fit()", *[stream(f"{i}\n") for i in range(100)]))})
    assert "Output, 101 lines" in text


def test_markdown_links_lead_to_the_web_or_nowhere() -> None:
    seen = page_of(
        text_cell("[w](https://ok.test) [m](mailto:a@b.c) [j](javascript:alert(1)) [d](data:text/html,x)"),
        text_cell("[r](x.html) [p](//e.t) [u](HTTPS://OK.test/?a=1&b=2)"),
    )
    led = [target for target in seen.targets if not target.startswith("#")]
    assert led == ["https://ok.test", "mailto:a@b.c", "HTTPS://OK.test/?a=1&b=2"]


def test_pictures_and_html_in_markdown_are_named_not_shown() -> None:
    seen = page_of(text_cell("![cat](https://evil.test/cat.png) ![](attachment:x.png)\n\n<iframe src=x></iframe>"))
    assert not seen.faults
    assert not seen.pictures
    assert "(picture: cat)" in "".join(seen.text)
    assert "<iframe src=x>" in "".join(seen.text)


def test_math_stays_readable() -> None:
    seen = page_of(text_cell("With $a_1 * b_2 * c < d$ and\n\n$$\nx_i^2\n$$\n"))
    text = "".join(seen.text)
    assert "$a_1 * b_2 * c < d$" in text
    assert "x_i^2" in text


def test_headings_of_a_notebook_leave_no_level_out() -> None:
    seen = page_of(text_cell("##### deep\n\n# top\n\n#### deeper\n\n###### deepest"), text_cell("### again"))
    assert in_order(seen.headings)


@pytest.mark.parametrize(
    "source",
    ["[" * 30_000, "*a " * 10_000, "> " * 15_000, "- " * 15_000, "`" * 30_000, "![](" * 7_500, "$" * 30_000,
     "|" * 30_000,
     "<" * 30_000, "[a](" * 7_500, "**" * 15_000, "\\" * 30_000, "&#" * 15_000, "1. " * 10_000, "a\n|-" * 7_000],
)  # fmt: skip
def test_markdown_made_to_be_slow_is_not(source: str) -> None:
    began = time.process_time()
    assert not inspect(str(markdown.Notebook().html(source)), whole=False).faults
    assert time.process_time() - began < 5


def test_python_is_highlighted_by_classes_and_reads_as_written() -> None:
    source = "def f(x):\n    return x < 3  # <b>"
    page = render(REPORT, {"nb": notebook(code(source))})
    assert 'class="c-k"' in page
    assert source in "".join(inspect(page).text)
    assert not re.search(r"<b>", page)


@pytest.mark.parametrize("source", ["(" * 40_000, "'" * 39_999, "f'{" * 13_000, "\\" * 40_000, "@a " * 13_000])
def test_code_made_to_be_slow_is_not(source: str) -> None:
    began = time.process_time()
    assert not inspect(render(REPORT, {"nb": notebook(code(source))})).faults
    assert time.process_time() - began < 5
