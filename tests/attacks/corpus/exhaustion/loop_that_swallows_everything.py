# mypy: ignore-errors
"""Loops for ever and swallows every exception, interrupts too.

expect: time-limit
held-by: clock
limits: cell_seconds=1.5 seconds=20
"""
# %%
import time

until = time.monotonic() + 7  # nothing here is for ever where nothing holds it
while time.monotonic() < until:
    try:
        while time.monotonic() < until:
            pass
    except BaseException:
        pass
answer = "through"
