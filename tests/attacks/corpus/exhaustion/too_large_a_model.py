# mypy: ignore-errors
"""Hands in a model file larger than it may be, on the descriptor of models.

expect: output-limit
held-by: desk
"""
# %%
import os, sys, time
from ipykernel.kernelapp import IPKernelApp

fds = type(IPKernelApp.instance().kernel).agent._settings["fds"]
part = sys.modules["frames"].pack({"number": 1, "last": False}, bytes(500_000))
for _ in range(40):
    os.write(fds["models"], part)
time.sleep(2)
answer = "through"
