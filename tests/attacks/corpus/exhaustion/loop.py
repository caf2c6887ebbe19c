# mypy: ignore-errors
"""Loops for ever, as a beginner's program does.

expect: time-limit
held-by: clock
kernel: lives
limits: cell_seconds=1.5 seconds=20
"""
# %%
answer = 0
while True:
    pass
