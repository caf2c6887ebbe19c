# mypy: ignore-errors
"""Stops all its processes, so that no handler can run.

expect: time-limit
held-by: clock
limits: cell_seconds=1.5 seconds=20
"""
# %%
import os, signal

os.kill(os.getpid(), signal.SIGSTOP)
