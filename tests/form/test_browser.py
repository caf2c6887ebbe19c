"""The quiz form in JupyterLab and Notebook 7, as students use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.form.conftest import CHROMIUM, Server, form, save, source
from tests.form.notebooks import answers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="CHROMIUM IS MISSING: apt-get install chromium"),
]


def test_each_kind_is_answered_with_the_keyboard_alone_and_saved(lab: Server) -> None:
    page = lab.quiz()
    pass
    page.screenshot(path="/tmp/form-work/k.png")
    keys = page.keyboard
    form(page, "one").locator("input").first.focus()
    keys.press("ArrowDown")
    keys.press("d")
    keys.press("d")
    page.wait_for_timeout(500)
    print(source(page, "one"))
    form(page, "many").locator("input").nth(1).focus()
    keys.press("Space")
    keys.press("Tab")
    keys.press("Space")
    print(source(page, "many"))
    form(page, "steps").locator("button").nth(2).focus()
    keys.press("Enter")
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    page.wait_for_timeout(300)
    print(source(page, "steps"))
    form(page, "pairs").locator("select").nth(0).focus()
    keys.press("a")
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    print(source(page, "pairs"))
    form(page, "memory").locator("input").focus()
    keys.type("12.5")
    keys.press("Tab")
    keys.press("M")
    page.wait_for_timeout(1500)
    page.screenshot(path="/tmp/form-work/k3.png")
    print(page.locator(".jp-Notebook .jp-CodeCell .handin-form").count())
    page.set_default_timeout(3000)
    print(source(page, "memory"))
    form(page, "shape").locator("input").first.focus()
    for n in "28", "28", "1":
        keys.type(n)
        keys.press("Tab")
    print(source(page, "shape"))
    form(page, "words").locator("textarea").focus()
    keys.type('say "no"')
    keys.press("Enter")
    keys.type('z')
    print(source(page, "words"))
    page.screenshot(path="/tmp/form-work/k2.png")
    save(page)
    print(answers(lab.root / "quiz.ipynb"))
    print(lab.said)
