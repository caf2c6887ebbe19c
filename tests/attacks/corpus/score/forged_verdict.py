# mypy: ignore-errors
"""Sends frames of its own to the grader: verdicts, scores, points, evidence of other students, names that are paths.

expect: answered
held-by: desk, judge
"""

# %%
import os, sys
from handin import carrier

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
for header in (
    {"exercise": "target", "score": 1, "points": 1, "verdict": {"score": 1}, "kind": "verdict", "status": "ok"},
    {"exercise": "../../gradebook.db", "kind": "value", "status": "ok"},
    {"exercise": ["target"], "kind": ["value"], "status": ["ok"]},
    {"exercise": "target", "student": "somebody", "kind": "text", "status": "passed", "variant": {"a": 1}},
    {"reply": 1, "status": "ok"},
    {"reply": "target", "status": "ok"},
    {},
):
    os.write(fds["answers"], frames.pack(header, b"plain1T"))
