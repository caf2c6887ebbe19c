# mypy: ignore-errors
"""Sends messages whose JSON is small and becomes a thousand times as large where it is read.

expect: output-limit
held-by: budget, display
"""
# %%
import time
from ipykernel.kernelapp import IPKernelApp

kernel = IPKernelApp.instance().kernel
for _ in range(8):
    parts = kernel.session.serialize(kernel.session.msg("display_data", {}, parent=kernel.get_parent()), ident=b"x")
    parts[-1] = b'{"data":{"a":[' + b"{}," * 1_000_000 + b'1]},"metadata":{}}'
    parts[2] = kernel.session.sign(parts[3:])
    kernel.iopub_socket.send_multipart(parts)
time.sleep(3)
answer = "through"
