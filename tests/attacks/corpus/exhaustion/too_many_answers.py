# mypy: ignore-errors
"""Hands in an answer twenty-five thousand times.

expect: output-limit
held-by: desk
"""
# %%
from handin.carrier import hand_in
import time

for number in range(25_000):
    hand_in("target", "number", None, number)
time.sleep(1)
answer = "through"
