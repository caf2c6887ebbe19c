# mypy: ignore-errors
"""Sends messages past everything that cuts them kindly.

expect: output-limit
held-by: budget
"""
# %%
import time
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session

kernel = IPKernelApp.instance().kernel
for _ in range(30):
    Session.send(kernel.session, kernel.iopub_socket, "stream", {"name": "stdout", "text": "y" * 10**6}, parent=kernel.get_parent())
time.sleep(3)
answer = "through"
