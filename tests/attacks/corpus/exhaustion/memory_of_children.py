# mypy: ignore-errors
"""Takes more memory than it may, a little in each of many children.

expect: memory-limit
held-by: cgroup, watchdog
limits: memory_mb=256
"""
# %%
import os, time

children = []
for _ in range(8):
    if (pid := os.fork()) == 0:
        os.setsid()
        kept = b"x" * 50 * 2**20
        time.sleep(20)
        os._exit(0)
    children.append(pid)
time.sleep(3)
answer = "through" if not any(os.waitpid(pid, os.WNOHANG)[0] for pid in children) else 0
