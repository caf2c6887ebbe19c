# mypy: ignore-errors
"""Sends a message of a million parts.

expect: output-limit
held-by: budget
"""
# %%
import time
from ipykernel.kernelapp import IPKernelApp

IPKernelApp.instance().iopub_thread.send_multipart([b""] * 1_000_000)
time.sleep(3)
answer = "through"
