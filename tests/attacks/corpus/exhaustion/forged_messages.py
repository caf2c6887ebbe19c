# mypy: ignore-errors
"""Sends what is to be shown past everything that cuts it kindly.

expect: output-limit
held-by: budget
"""
# %%
import os, sys, time
from handin import carrier

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
for _ in range(30):
    data = frames.pack({"shown": "stream", "name": "stdout"}, b"y" * 10**6)
    while data:
        data = data[os.write(fds["cells"], data) :]
time.sleep(3)
answer = "through"
