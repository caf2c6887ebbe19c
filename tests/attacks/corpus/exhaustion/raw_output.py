# mypy: ignore-errors
"""Writes 60 MB past Python to the descriptors of the output.

expect: output-limit
held-by: budget
kernel: lives
"""
# %%
import os

for _ in range(300):
    os.write(1, b"x" * 100_000)
    os.write(2, b"x" * 100_000)
answer = 0
