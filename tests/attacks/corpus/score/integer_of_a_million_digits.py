# mypy: ignore-errors
"""Hands in an integer of 10^6 digits, which takes minutes to write down.

expect: no-answer
held-by: wire
"""

# %%
answer = 10**10**6
