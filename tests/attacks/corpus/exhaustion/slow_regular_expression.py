# mypy: ignore-errors
"""Matches a pattern for longer than the age of the universe, in one call of C.

expect: time-limit
held-by: clock
limits: cell_seconds=1.5 seconds=20
kernel: lives
"""
# %%
import re

answer = 0
re.match(r"(a+)+$", "a" * 40 + "b")
