# mypy: ignore-errors
"""Prints short lines, and many of them.

expect: output-limit
held-by: budget, display
kernel: lives
limits: cell_seconds=15 seconds=30
"""
# %%
answer = 0
for number in range(200_000):
    print(number)
