# mypy: ignore-errors
"""Connects to a socket of the host's that has a name and no file.

expect: answered
held-by: net-namespace, landlock
control: harmless
"""

# %%
import socket

with socket.socket(socket.AF_UNIX) as client:
    try:
        client.connect("\0" + FIELD["abstract"])
        answer = "through"
    except OSError:
        answer = 0
