# mypy: ignore-errors
"""Forks until it is refused, and goes on.

expect: process-limit
held-by: cgroup, rlimits
kernel: dies
limits: cell_seconds=1.5 seconds=20 processes=40
"""
# %%
import os, time

until = time.monotonic() + 8
while time.monotonic() < until:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
