# mypy: ignore-errors
"""Hands in an array of records, with a field of objects in them.

expect: no-answer
held-by: wire
"""

# %%
import numpy as np

answer = np.zeros(3, dtype=[("score", "f8"), ("run", "O")])
