# mypy: ignore-errors
"""Hands in an answer to a question with numbers that it has made up.

expect: answered
held-by: judge
"""

# %%
from handin.carrier import hand_in

check_ = check


def check(exercise, answer):
    if exercise != "target":
        return check_(exercise, answer)
    hand_in("target", "number", "0" * 64, 104729000000)
