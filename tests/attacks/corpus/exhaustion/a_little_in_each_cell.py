# mypy: ignore-errors
"""Uses just less than what one cell may, in many cells.

expect: time-limit
held-by: clock
limits: cell_seconds=2 seconds=5
"""
# %%
import time; time.sleep(1.6)
# %%
time.sleep(1.6)
# %%
time.sleep(1.6)
# %%
time.sleep(1.6)
