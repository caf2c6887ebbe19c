# mypy: ignore-errors
"""Fills /dev/shm.

expect: disk-limit
held-by: tmpfs, rlimits
"""
# %%
answer = 0
with open("/dev/shm/x", "wb") as file:
    for _ in range(60):
        file.write(b"x" * 2**20)
answer = "through"
