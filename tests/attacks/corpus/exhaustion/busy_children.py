# mypy: ignore-errors
"""Has its children work, and waits, so that its own clock stands still.

expect: time-limit
held-by: clock, cgroup
limits: cpu_seconds=4 cell_seconds=30
"""
# %%
import os, time

children = []
for _ in range(6):
    if (pid := os.fork()) == 0:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass
        os._exit(0)
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
