# mypy: ignore-errors
"""Leaves a daemon behind: forked twice, in a session of its own, deaf to what can be ignored, with a clean environment.

expect: answered
held-by: kill, keeper, pid-namespace
"""
# %%
import os, signal, sys

if (pid := os.fork()) == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.execve("/bin/sleep", ["sleep", "30"], {})
os.waitpid(pid, 0)
answer = 0
