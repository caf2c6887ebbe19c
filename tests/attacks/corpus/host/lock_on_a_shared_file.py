# mypy: ignore-errors
"""Locks files that other sandboxes and the grader have open, too.

expect: answered
held-by: mount-namespace
"""
# %%
import fcntl, os, sys

for name in ("/opt/sandbox/kernel.py", "/opt/kernel/pyvenv.cfg", os.__file__):
    fd = os.open(name, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass
answer = 0
