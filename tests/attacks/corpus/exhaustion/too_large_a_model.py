# mypy: ignore-errors
"""Hands in a model file larger than it may be, on the descriptor of models.

expect: output-limit
held-by: desk
"""
# %%
import os, sys, time
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
part = sys.modules["autograder.frames"].pack({"number": 1, "last": False}, bytes(500_000))
for _ in range(40):
    os.write(fds["models"], part)
time.sleep(2)
answer = "through"
