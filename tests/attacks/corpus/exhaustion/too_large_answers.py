# mypy: ignore-errors
"""Hands in two megabytes, again and again.

expect: output-limit
held-by: desk
"""
# %%
from handin.carrier import hand_in
import time

for number in range(20):
    hand_in("target", "value", None, "x" * (2 * 2**20 - 100))
time.sleep(1)
answer = "through"
