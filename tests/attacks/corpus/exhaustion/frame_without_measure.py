# mypy: ignore-errors
"""Announces an answer of four exabytes.

expect: protocol
held-by: frames
"""
# %%
import os, sys, time
from ipykernel.kernelapp import IPKernelApp

fds = type(IPKernelApp.instance().kernel).agent._settings["fds"]
os.write(fds["answers"], sys.modules["frames"].LENGTHS.pack(9, 2**62))
time.sleep(2)
answer = "through"
