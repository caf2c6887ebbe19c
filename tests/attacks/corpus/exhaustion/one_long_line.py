# mypy: ignore-errors
"""Prints one line of 30 MB.

expect: output-limit
held-by: budget, display
kernel: lives
"""
# %%
answer = 0
print("x" * 30_000_000)
