# mypy: ignore-errors
"""Replaces one display a hundred thousand times.

expect: output-limit
held-by: budget, display
kernel: lives
limits: cell_seconds=6 seconds=40
"""
# %%
from IPython.display import display

answer = 0
shown = display("x", display_id=True)
for number in range(20_000):
    shown.update(str(number) * 500)
