# mypy: ignore-errors
"""Tells hidden inputs by how long it takes, and by how much memory.

expect: answered
held-by: judge
"""

# %% function
import time


def twice(x):
    time.sleep((x % 10) / 50)
    return "x" * (x % 1000)
