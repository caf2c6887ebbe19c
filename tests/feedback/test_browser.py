"""The pages in a real browser: a canary that must never run, nothing fetched, and no page wider than its window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.analytics.report_page import render as render_staff
from autograder.feedback.notices import About, closed, postponed, waiting
from autograder.feedback.page import render
from tests.browser import NEEDED, started, violations
from tests.feedback.samples import HOSTILE, TITLES, hostile, hostile_notebook, lesson, reports

pytestmark = NEEDED


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as chromium:
        yield chromium


def pages() -> dict[str, str]:
    canary = "<script>window.canary=1</script><img src=x onerror='window.canary=1'>"
    attack = hostile_notebook()
    attack["cells"] += [{"cell_type": "markdown", "source": canary}, {"cell_type": "raw", "source": canary}]
    return {
        "hostile": render(hostile(), {"nb": attack}, {HOSTILE: canary}, {}, canary, 0.0, canary),
        "student": render(reports()[-1], {"nb": lesson()}),
        "staff": render_staff([*reports(), hostile()], canary, TITLES),
    }


@pytest.mark.parametrize("name", ["hostile", "student", "staff"])
def test_nothing_runs_nothing_is_fetched_and_nothing_overflows(browser: Any, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(pages()[name], encoding="utf-8")
    page = browser.new_page(viewport={"width": 400, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.canary") is None
    assert dialogs == []
    assert [url for url in asked if not url.startswith(("file:", "data:image/png"))] == []
    assert said == []  # a violation of the policy would be reported here
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.close()


def test_the_policy_stops_a_script_that_would_slip_through(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    page_text = pages()["student"].replace(
        "</body>", "<script>window.canary=1</script><img src='x' onerror='1'></body>"
    )
    file.write_text(page_text, encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("window.canary") is None
    page.close()


def looked_at() -> dict[str, str]:
    """Every page of ours that a student or staff open as a file."""
    about, due = About("ada", "Digits", "A course"), datetime(2026, 12, 1, 18, tzinfo=UTC)
    mine = reports()[-1]
    return {
        "feedback": render(mine, {"nb": lesson()}, course_title="A course", late_penalty=1.0, posted=due),
        "feedback with a comment": render(mine, {"nb": lesson()}, {next(iter(mine.verdicts)): "Well *done*."}, {}),
        "a first look": render(mine, {"nb": lesson()}, in_full=due),
        "lost": render(replace(mine, lost="the worker died"), {}),
        "postponed": postponed(about, 20, due),
        "waiting": waiting(about, due, 5),
        "closed": closed(about, due, due),
        "staff": render_staff(reports(), "A course", TITLES),
    }


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 640)], ids=["light", "dark at 200 %"])
@pytest.mark.parametrize("name", looked_at())
def test_axe_finds_nothing(browser: Any, tmp_path: Path, name: str, width: int, scheme: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(looked_at()[name], encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert violations(page) == []
    context.close()
