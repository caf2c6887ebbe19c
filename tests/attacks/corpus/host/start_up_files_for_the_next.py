# mypy: ignore-errors
"""Leaves files that would run in the next student's Python, and looks for those that another has left.

expect: answered
held-by: tmpfs
"""
# %%
import os
from pathlib import Path

answer = 0
for place in ("/tmp", "/dev/shm", "/home/student", "/tmp/.ipython/profile_default/startup", "/home/student/.local/lib/python3.11/site-packages", "/var/tmp", "/run"):
    path = Path(place) / "usercustomize.py"
    if path.exists():
        answer = f"through {path}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise SystemExit")
    except OSError:
        pass
