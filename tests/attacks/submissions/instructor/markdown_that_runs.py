"""Writes markup into cells, attachments and headings, which staff read.

expect: answered
held-by: page
"""

from __future__ import annotations

from tests.attacks.field import Given

TEXTS = (
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://example.org/x.png)", "<svg onload=alert(1)>",
    "![x](attachment:x.svg)", "<details open ontoggle=alert(1)>x</details>", "[x]: data:text/html,<script>alert(1)",
    "`` </code><script>alert(1)</script> ``", "| <img src=x onerror=alert(1)> |\n|---|\n", "&lt;script&gt;",
)  # fmt: skip


def submission(given: Given) -> None:
    svg = {"image/svg+xml": "<svg onload='alert(1)'/>", "text/html": "<script>alert(1)</script>"}
    for number, text in enumerate(TEXTS):
        cell = {"cell_type": "markdown", "metadata": {}, "source": text, "id": f"m{number}"}
        given.solved["cells"].append({**cell, "attachments": {"x.svg": svg, "<b>": svg}})
    given.write(given.solved)
