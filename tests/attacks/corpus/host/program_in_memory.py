# mypy: ignore-errors
"""Runs a program that lies in no file, and looks whether it has more rights than its parent.

expect: answered
held-by: seccomp, uid
"""
# %%
import os
from pathlib import Path

answer = 0
try:
    fd = os.memfd_create("p", 0)
    os.write(fd, Path("/bin/cat").read_bytes())
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        os.dup2(write, 1)
        os.execve(fd, ["cat", "/proc/self/status"], {})
    os.waitpid(pid, 0)
    status = os.read(read, 10000).decode()
    if "NoNewPrivs:\t1" not in status or "CapEff:\t0000000000000000" not in status:
        answer = f"through {status}"
except OSError:
    pass
