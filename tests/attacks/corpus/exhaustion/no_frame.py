# mypy: ignore-errors
"""Writes what is no frame to the channel of answers.

expect: protocol
held-by: frames
"""
# %%
import os, time
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
os.write(fds["answers"], b"\xff" * 4096)
time.sleep(2)
answer = "through"
