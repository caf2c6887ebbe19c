# mypy: ignore-errors
"""Closes the channel on which answers leave.

expect: no-answer
held-by: desk
kernel: spoiled
"""
# %%
import os
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
os.dup2(os.open("/dev/null", os.O_RDWR), fds["answers"])
answer = "through"
