# mypy: ignore-errors
"""Hands in, while it is called on hidden inputs, what it has seen: as the answer to another question.

expect: answered
held-by: desk
"""

# %%
answer = 0
# %% function
from handin.carrier import hand_in


def twice(x):
    hand_in("target", "text", "", f"through {x}")
    return x
