# mypy: ignore-errors
"""Sends messages whose JSON is small and becomes a thousand times as large where it is read: in bodies and in headers.

expect: output-limit
held-by: budget, display
"""
# %%
import os, sys, time
from handin import carrier

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
def write(data):
    while data:
        data = data[os.write(fds["cells"], data) :]

for _ in range(2):
    write(frames.pack({"shown": "display_data"}, b'{"data":{"a":[' + b"{}," * 1_000_000 + b'1]},"metadata":{}}'))
for _ in range(200):
    write(frames.pack({"shown": "display_data", "done": 0, "more": [[]] * 15_000}))
time.sleep(3)
answer = "through"
