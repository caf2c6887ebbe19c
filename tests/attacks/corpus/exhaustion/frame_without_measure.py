# mypy: ignore-errors
"""Announces an answer of four exabytes.

expect: protocol
held-by: frames
"""
# %%
import os, sys, time
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
os.write(fds["answers"], sys.modules["autograder.frames"].LENGTHS.pack(9, 2**62))
time.sleep(2)
answer = "through"
