# mypy: ignore-errors
"""Sends a million messages that say nothing.

expect: output-limit
held-by: budget
"""
# %%
import os, sys, time
from handin import carrier

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
for _ in range(1000):
    data = frames.pack({}) * 1000
    while data:
        data = data[os.write(fds["cells"], data) :]
time.sleep(3)
answer = "through"
