# mypy: ignore-errors
"""Hands in thousands of model files that nobody asked for, each an open file of the grader's.

expect: protocol
held-by: desk
"""
# %%
import os, sys, time
from ipykernel.kernelapp import IPKernelApp

fds = type(IPKernelApp.instance().kernel).agent._settings["fds"]
for number in range(5000):
    os.write(fds["models"], sys.modules["frames"].pack({"number": number, "last": True}, b"x"))
time.sleep(2)
answer = "through"
