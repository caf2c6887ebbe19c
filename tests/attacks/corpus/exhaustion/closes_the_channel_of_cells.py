# mypy: ignore-errors
"""Closes the channel on which cells come, both ways.

expect: crashed
held-by: kill
"""
# %%
import socket
from handin import carrier

answer = 0
socket.socket(fileno=carrier.carry.__self__._settings["fds"]["cells"]).shutdown(socket.SHUT_RDWR)
