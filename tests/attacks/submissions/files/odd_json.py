"""Writes its JSON with constants that are none, keys that come twice, halves of letters, and another encoding.

expect: answered
held-by: doctor
"""

from __future__ import annotations

import json

from tests.attacks.field import Given


def submission(given: Given) -> None:
    given.solved["metadata"]["number"] = float("nan")
    given.solved["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "\ud800", "id": "half"})
    text = json.dumps(given.solved).replace('"nbformat": 4', '"nbformat": 4, "nbformat": 4', 1)
    given.write(text.encode("utf-16"))
