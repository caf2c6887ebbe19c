from __future__ import annotations

import pytest

from autograder.feedback.text import bounded, clean, fraction, joined, number, percent, points, prose, said, slug


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("\x1b[0;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.test\x07link\x1b]8;;\x07", "link"),
        (" 1/9 ...\r 5/9 ...\r 9/9 done\nnext", " 9/9 done\nnext"),
        ("100\b\b\b200", "200"),
        ("a\r\nb", "a\nb"),
        ("nul\x00bell\x07", "nulbell"),
        ("lone \ud800 half", "lone ? half"),
    ],
)
def test_text_is_shown_as_a_terminal_would_leave_it(raw: str, seen: str) -> None:
    assert clean(raw) == seen


def test_the_middle_of_a_long_text_is_left_out_and_counted() -> None:
    shown = bounded("a" * 1000 + "z" * 1000, 400)
    assert shown.startswith("aaa")
    assert shown.endswith("zzz")
    assert "1,600 characters left out" in shown


def test_words_of_staff_are_escaped_and_their_code_is_set_as_code() -> None:
    assert prose("use `f < g` & <b>") == "use <code>f &lt; g</code> &amp; &lt;b&gt;"


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (2.5, "2.5"), (8 / 3, "2.67"), (-0.001, "0"), (1200, "1,200")])
def test_points_have_two_digits_and_none_in_vain(value: float, text: str) -> None:
    assert number(value) == text


def test_one_point_is_singular() -> None:
    assert (points(1), points(2), points(0.5)) == ("1 point", "2 points", "0.5 points")


def test_an_accuracy_is_a_percentage_that_does_not_break() -> None:
    assert percent(0.98624) == "98.62\u00a0%"


@pytest.mark.parametrize("value", [None, True, "0.5", float("nan"), 1.5, -0.1, 10**400, [], {}])
def test_what_is_no_fraction_is_none(value: object) -> None:
    assert fraction(value) is None


def test_an_anchor_holds_no_markup() -> None:
    assert slug('"><script>') == "-script-"


def test_names_are_joined_as_a_sentence_would() -> None:
    assert (joined([]), joined("a"), joined("abc")) == ("", "a", "a, b and c")


def test_paragraphs_and_lists_of_what_is_said_are_told_apart_and_escaped() -> None:
    assert said("Not yet:\n\n- takes `x < y`\n- has <b>\n\nLook\nagain.") == (
        '<p class="said">Not yet:</p>\n'
        '<ul class="said"><li>takes <code>x &lt; y</code></li><li>has &lt;b&gt;</li></ul>\n'
        '<p class="said">Look\nagain.</p>'
    )
