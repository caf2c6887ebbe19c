# mypy: ignore-errors
"""Hands in a number written in digits of other scripts, with an exponent that takes all memory when it is worked out.

expect: answered
held-by: judge
"""

# %%
answer = "١e999999999999"
