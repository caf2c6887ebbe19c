# mypy: ignore-errors
"""A function that never returns, and swallows what would stop it.

expect: time-limit
held-by: clock
kernel: lives
"""
# %% function
import time

def twice(x):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            time.sleep(1)
        except BaseException:
            pass
    return 0
