# mypy: ignore-errors
"""Shuts the channel on which answers leave and questions come.

expect: no-answer
held-by: desk
kernel: spoiled
"""
# %%
import socket
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
socket.socket(fileno=fds["answers"]).shutdown(socket.SHUT_RDWR)
answer = "through"
