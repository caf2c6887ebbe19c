# mypy: ignore-errors
"""Takes the channel on which cells come away from under the kernel, and what comes next is never read.

expect: time-limit
held-by: clock
"""
# %%
import os, threading
from handin import carrier

answer = 0
own = carrier.carry.__self__._settings["fds"]["cells"]
for fd in os.listdir("/proc/self/fd"):
    fd = int(fd)
    try:
        same = fd != own and os.fstat(fd).st_ino == os.fstat(own).st_ino
    except OSError:
        continue
    if same:
        os.dup2(os.pipe()[0], fd)
