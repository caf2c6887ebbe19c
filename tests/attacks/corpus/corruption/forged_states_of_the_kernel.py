# mypy: ignore-errors
"""Tells the grader that cells have ended which have not, in the kernel's own words.

expect: answered
held-by: clock, desk
kernel: spoiled
"""
# %%
from ipykernel.kernelapp import IPKernelApp

kernel = IPKernelApp.instance().kernel
parent = kernel.get_parent()
for state in ("idle", "busy", "idle", "dead"):
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": state}, parent=parent)
for status in ("ok", "error", "aborted", 7):
    kernel.session.send(kernel.shell_streams[0] if getattr(kernel, "shell_streams", None) else kernel.shell_stream, "execute_reply",
                        {"status": status, "execution_count": -1, "ename": [], "evalue": {}}, parent=parent, ident=kernel.get_parent().get("ident"))
answer = 0
