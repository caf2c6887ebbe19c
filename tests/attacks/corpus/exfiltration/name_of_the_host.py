# mypy: ignore-errors
"""Asks what machine it runs on.

expect: answered
held-by: uts-namespace
control: harmless
"""

# %%
import socket

answer = "through" if socket.gethostname() == FIELD["host"] else 0
