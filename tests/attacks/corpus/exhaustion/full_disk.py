# mypy: ignore-errors
"""Fills /tmp.

expect: disk-limit
held-by: tmpfs, rlimits
"""
# %%
answer = 0
with open("/tmp/x", "wb") as file:
    for _ in range(60):
        file.write(b"x" * 2**20)
answer = "through"
# %% after-target
import os
os.unlink("/tmp/x")
