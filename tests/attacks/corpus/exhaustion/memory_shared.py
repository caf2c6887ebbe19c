# mypy: ignore-errors
"""Takes more memory than it may, as pages that processes share.

expect: memory-limit
held-by: cgroup, watchdog
limits: memory_mb=256
"""
# %%
import mmap, time

kept = [mmap.mmap(-1, 10 * 2**20) for _ in range(40)]
for part in kept:
    part.write(b"x" * 10 * 2**20)
    time.sleep(0.02)
time.sleep(0.5)
answer = "through"
