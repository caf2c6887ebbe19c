"""A real Jupyter server with the extension and no kernel, and a real Chromium: for one module at a time, because while
Playwright is open no other test of the same process can run a loop of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.hub.demo import free_ports
from tests.browser import started
from tests.form.notebooks import QUESTIONS, quiz
from tests.jupyter import serving

FORM = Path(__file__).parents[2] / "student" / "handin" / "form"
TOKEN = "t0ken"
USER = "ada"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "full"},  # the one that takes cells out of the page
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as chromium:
        yield chromium


@dataclass
class Server:
    base: str
    root: Path
    browser: Any
    said: list[str] = field(default_factory=list)
    """What a page complained of that has to do with us."""

    def put(self, name: str, notebook: dict[str, Any]) -> Path:
        path = self.root / name
        path.write_text(json.dumps(notebook))
        return path

    def page(self, viewport: tuple[int, int] = (1100, 1000)) -> Any:
        if not self.browser.contexts:  # shared: each new one would load and compile all of JupyterLab again
            self.browser.new_context().set_default_timeout(20_000)
        page = self.browser.contexts[0].new_page()
        page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        page.on("console", lambda message: self.said.append(message.text) if "handin" in message.text else None)
        page.on("pageerror", lambda error: self.said.append(error.stack) if "handin" in error.stack else None)
        return page

    def open(self, name: str, page: Any = None, app: str = "doc/tree") -> Any:
        page = page or self.page()
        page.goto(f"{self.base}/{app}/{name}?token={TOKEN}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.locator(".jp-Dialog .jp-mod-accept").click()  # "Select Kernel": there is none
        return page

    def quiz(self, name: str = "quiz.ipynb", page: Any = None, app: str = "doc/tree", **about: Any) -> Any:
        """Open a notebook with forms, and wait for the first one."""
        self.put(name, quiz(**about))
        page = self.open(name, page, app)
        page.locator(".handin-form").first.wait_for()
        return page


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Server]:
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("root")
    (home / "labextensions").mkdir()
    (home / "labextensions" / "handin").symlink_to(FORM)
    for name, content in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    page_config = home / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"hubUser": USER}))  # as JupyterHub does
    (port,) = free_ports(1)
    command = [
        sys.executable, "-m", "jupyterlab", f"--port={port}", "--ServerApp.port_retries=0",
        "--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}",
        "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
        "--KernelSpecManager.allowed_kernelspecs=none", "--KernelSpecManager.ensure_native_kernel=False",
    ]  # fmt: skip
    names = {"HOME": ".", "JUPYTER_PATH": ".", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime",
             "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}  # fmt: skip
    env = {**os.environ, **{name: str(home / folder) for name, folder in names.items()}}
    with serving(command, port, root, env, home / "log") as base:
        yield Server(base, root, browser)


@pytest.fixture
def lab(jupyter: Server) -> Iterator[Server]:
    """The server; at the end no form may have failed."""
    jupyter.said.clear()
    yield jupyter
    for page in jupyter.browser.contexts[0].pages:
        page.close()
    assert jupyter.said == []


SCROLL = """async exercise => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const place = notebook.widgets.findIndex(one => one.model.getMetadata('handin')?.exercise === exercise);
  await notebook.scrollToItem(place, 'auto').catch(() => 0); // refused where all cells are in the page
}"""


def form(page: Any, exercise: str) -> Any:
    """Return the form of this exercise, scrolled to: a cell that is far from view is not in the page."""
    title = QUESTIONS["exercises"][exercise]["title"]
    found = page.locator(".jp-Notebook .handin-form", has=page.get_by_text(title, exact=True)).first

    def scroll() -> None:
        page.evaluate(SCROLL, exercise)
        found.wait_for(timeout=5000)
        found.scroll_into_view_if_needed(timeout=5000)

    at_last(scroll)
    return found


def at_last(step: Callable[[], object], seconds: float = 60.0) -> None:
    """Do what a person would do again: on a slow machine Lab moves a cell, or takes it away, under the hand."""
    from playwright.sync_api import Error

    until = time.monotonic() + seconds
    while True:
        try:
            step()
            return
        except Error:
            if time.monotonic() > until:
                raise


def pick(page: Any, exercise: str, number: int) -> None:
    """Check a radio button or a box of this exercise's form."""
    at_last(lambda: form(page, exercise).locator("input").nth(number).check(timeout=5000))


def source(page: Any, exercise: str) -> str:
    """Return what is in the cell of this form now, as a reader sees it."""
    lines = form(page, exercise).locator("xpath=..").locator(".cm-line")
    return "\n".join(lines.all_inner_texts())


def code(page: Any, exercise: str) -> Any:
    """Return the editor of the cell of this form."""
    return form(page, exercise).locator("xpath=..").locator(".cm-content")


def command(page: Any, name: str, **arguments: Any) -> None:
    # Not waited for: some ask something in a dialog first.
    page.evaluate("([name, given]) => void window.jupyterapp.commands.execute(name, given)", [name, arguments])
    page.wait_for_timeout(300)


def save(page: Any) -> None:
    """Save as students do, wherever the focus is."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url):
        page.keyboard.press("Control+s")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are laid, to be looked at: $AUTOGRADER_SHOTS, else the test's own folder."""
    folder = Path(os.environ.get("AUTOGRADER_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
