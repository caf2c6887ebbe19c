# mypy: ignore-errors
"""Takes more memory than it may.

expect: memory-limit
held-by: cgroup, watchdog, rlimits
limits: memory_mb=256
"""
# %%
import time

kept = []
for _ in range(40):  # 400 MB, and no more where nothing holds it
    kept.append(b"x" * 10 * 2**20)
    time.sleep(0.02)
answer = "through"
