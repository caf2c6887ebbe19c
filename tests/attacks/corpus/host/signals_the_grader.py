# mypy: ignore-errors
"""Sends a signal (the one that does nothing) to the grader.

expect: answered
held-by: pid-namespace
control: harmless
"""
# %%
import os

answer = 0
try:
    os.kill(FIELD["pid"], 0)
    answer = "through"
except ProcessLookupError:
    pass
except PermissionError:
    answer = "through: it is there"
