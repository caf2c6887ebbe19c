# mypy: ignore-errors
"""Hands in a generator that never ends.

expect: no-answer
held-by: wire
"""

# %%
import itertools

answer = (1 for _ in itertools.count())
