# mypy: ignore-errors
"""Hands in thousands of model files that nobody asked for, each an open file of the grader's.

expect: protocol
held-by: desk
"""
# %%
import os, sys, time
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
for number in range(5000):
    os.write(fds["models"], sys.modules["autograder.frames"].pack({"number": number, "last": True}, b"x"))
time.sleep(2)
answer = "through"
