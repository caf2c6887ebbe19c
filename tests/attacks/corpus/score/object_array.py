# mypy: ignore-errors
"""Hands in an array of objects, whose elements are what they like.

expect: no-answer
held-by: wire
"""

# %%
import numpy as np


class Right:
    __eq__ = lambda self, other: True


answer = np.array([Right(), print, {}], dtype=object)
