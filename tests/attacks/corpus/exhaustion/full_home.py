# mypy: ignore-errors
"""Fills its home folder with many files.

expect: disk-limit
held-by: tmpfs
"""
# %%
import os
answer = 0
os.makedirs("/home/student/many")
for number in range(60):
    with open(f"/home/student/many/{number}", "wb") as file:
        file.write(b"x" * 2**20)
answer = "through"
# %% after-target
import shutil
shutil.rmtree("/home/student/many")
