# mypy: ignore-errors
"""A function that takes more memory than there is for it.

expect: memory-limit
held-by: cgroup, watchdog
kernel: lives
limits: memory_mb=256
"""
# %% function
import time

def twice(x):
    kept = []
    for _ in range(40):
        kept.append(b"x" * 10 * 2**20)
        time.sleep(0.01)
    return 0
