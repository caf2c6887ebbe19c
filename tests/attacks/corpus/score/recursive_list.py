# mypy: ignore-errors
"""Hands in a list that contains itself.

expect: no-answer
held-by: wire
"""

# %%
answer = []
answer.append(answer)
