# mypy: ignore-errors
"""Hands in -0.0, which a comparison with signs might divide by.

expect: answered
held-by: judge
"""

# %%
answer = -0.0
