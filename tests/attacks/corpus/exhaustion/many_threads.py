# mypy: ignore-errors
"""Starts two thousand threads.

expect: process-limit
held-by: cgroup, rlimits
limits: processes=40
"""
# %%
import threading, time

answer, started = 0, []
try:
    for _ in range(2000):
        started.append(threading.Thread(target=time.sleep, args=(4,), daemon=True))
        started[-1].start()
    answer = "through"
except RuntimeError:
    time.sleep(0.3)
