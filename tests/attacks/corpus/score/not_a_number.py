# mypy: ignore-errors
"""Hands in NaN, which is neither larger nor smaller than any key.

expect: answered
held-by: judge
"""

# %%
answer = float("nan")
