# mypy: ignore-errors
"""Connects to a port that listens on the host.

expect: answered
held-by: net-namespace
control: harmless
"""

# %%
import socket

try:
    with socket.create_connection(("127.0.0.1", FIELD["port"]), timeout=2):
        answer = "through"
except OSError as error:
    answer = 0
