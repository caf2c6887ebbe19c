# mypy: ignore-errors
"""Takes more memory than it may, as files without a name.

expect: memory-limit
held-by: cgroup
limits: memory_mb=256
"""
# %%
import os, time

kept = [os.memfd_create(str(n)) for n in range(40)]
for fd in kept:
    os.write(fd, b"x" * 10 * 2**20)
answer = "through"
