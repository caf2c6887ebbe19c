# mypy: ignore-errors
"""Hands in an array whose elements lie in a file of the sandbox, which goes away before it is judged.

expect: answered
held-by: wire
"""

# %%
import numpy as np

answer = np.memmap("/tmp/m", dtype="f8", mode="w+", shape=(3,))
