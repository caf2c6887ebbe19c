"""A real Chromium, and what axe finds on a page in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
MISSING = "CHROMIUM IS MISSING: apt-get install chromium"
NEEDED = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)]

_QUIET = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
          "disable-component-update", "disable-sync")  # fmt: skip


@contextmanager
def started() -> Iterator[Any]:
    """Yield a browser. While it is open no other test of the same process can run a loop of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[f"--{name}" for name in _QUIET])
        yield browser
        browser.close()


def violations(page: Any, where: str = "") -> list[str]:
    """Return what axe finds wrong on a page, or in the parts of it that a selector names, with the places.

    axe is a script, which pages of ours forbid: it looks from outside of their policy, or where the context has
    `bypass_csp`. A page on which it finds nothing right was not looked at.
    """
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate(f"axe.run({where!r})" if where else "axe.run()")
    assert found["passes"]
    return [f"{fault['id']}: {[node['target'] for node in fault['nodes']]}" for fault in found["violations"]]
