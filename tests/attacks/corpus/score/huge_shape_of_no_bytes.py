# mypy: ignore-errors
"""Hands in an array that takes no bytes and has a shape that fills the memory of whoever sums over it.

expect: no-answer
held-by: wire
"""

# %%
import numpy as np

answer = np.empty((0, 10**15))
