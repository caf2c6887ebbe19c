"""Fills ids, metadata and the kernel's name with what nobody expects there.

expect: answered
held-by: doctor
"""

from __future__ import annotations

from typing import Any

from tests.attacks.field import Given


def submission(given: Given) -> None:
    strange: list[Any] = [7, None, [], {}, "\x00", "../..", "x" * 10**5, True]
    for number, cell in enumerate(given.solved["cells"]):
        cell["id"] = strange[number % len(strange)]
        cell["attachments"] = strange[(number + 1) % len(strange)]
        cell["metadata"] |= {"tags": strange[number % len(strange)], "trusted": True, "slideshow": strange[:3]}
        cell["outputs"] = strange
    given.solved["metadata"] = {
        "kernelspec": {"name": "bash -c id", "language": "bash", "argv": ["/bin/sh"]},
        "language_info": strange, "widgets": {"application/vnd.jupyter.widget-state+json": strange},
    }  # fmt: skip
    given.solved["nbformat_minor"] = 10**9
    given.write(given.solved)
