# mypy: ignore-errors
"""Connects to a socket of the host's that lies among its files.

expect: answered
held-by: mount-namespace
control: harmless
"""

# %%
import socket

with socket.socket(socket.AF_UNIX) as client:
    try:
        client.connect(FIELD["socket"])
        answer = "through"
    except OSError:
        answer = 0
