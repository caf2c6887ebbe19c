# mypy: ignore-errors
"""Writes to the descriptors on which the sandbox itself would speak.

expect: output-limit
held-by: budget
"""
# %%
import os, sys, time

fd = sys.stdout._original_stdstream_copy
for _ in range(300):  # 30 MB
    os.write(fd, b"x" * 100_000)
time.sleep(1)
answer = "through"
