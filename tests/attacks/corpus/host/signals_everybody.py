# mypy: ignore-errors
"""Kills everybody it may, and itself last.

expect: crashed
held-by: pid-namespace, uid
"""
# %%
import os, signal

try:
    if os.path.isdir("/opt/sandbox"):  # on the host it would be no test
        os.kill(-1, signal.SIGKILL)
except OSError:
    pass
os.killpg(0, signal.SIGKILL)
