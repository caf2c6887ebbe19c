# mypy: ignore-errors
"""Hands in thousands of answers to one question, in the hope that the best one counts.

expect: answered
held-by: desk
"""

# %%
from handin.carrier import hand_in

for guess in range(5000):
    hand_in("target", "number", None, 104729000000 + guess)
answer = 0
