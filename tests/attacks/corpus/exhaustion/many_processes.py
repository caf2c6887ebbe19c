# mypy: ignore-errors
"""Has two hundred processes at a time, each in a session of its own.

expect: process-limit
held-by: cgroup, rlimits
limits: processes=40
"""
# %%
import os, time

count = 0
for _ in range(200):
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(20)
            os._exit(0)
        count += 1
    except OSError:
        time.sleep(0.005)
answer = "through" if count == 200 else 0
