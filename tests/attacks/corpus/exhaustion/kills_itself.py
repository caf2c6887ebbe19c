# mypy: ignore-errors
"""Kills its own kernel.

expect: crashed
held-by: kill
"""
# %%
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
