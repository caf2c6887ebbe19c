# mypy: ignore-errors
"""Announces an answer of a megabyte and never sends the rest.

expect: no-answer
held-by: frames
kernel: spoiled
"""
# %%
import os, sys
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
os.write(fds["answers"], sys.modules["autograder.frames"].pack({"exercise": "target"}, bytes(10**6))[:100])
answer = "through"
