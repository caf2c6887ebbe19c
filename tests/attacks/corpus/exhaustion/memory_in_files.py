# mypy: ignore-errors
"""Takes more memory than it may, as files of a file system that lies in memory.

expect: memory-limit
held-by: cgroup, watchdog
limits: memory_mb=256 disk_mb=200
"""
# %%
import time

for place in ("/tmp", "/dev/shm", "/home/student"):
    with open(f"{place}/x", "wb") as file:
        for _ in range(15):
            file.write(b"x" * 10 * 2**20)
            time.sleep(0.02)
time.sleep(1)
answer = "through"
