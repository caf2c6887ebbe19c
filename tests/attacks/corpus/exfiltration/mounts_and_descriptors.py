# mypy: ignore-errors
"""Reads what is mounted where, and where its open descriptors lead.

expect: answered
held-by: mount-namespace
"""

# %%
import os
from pathlib import Path

text = Path("/proc/self/mountinfo").read_text() + Path("/proc/self/maps").read_text()
for fd in os.listdir("/proc/self/fd"):
    try:
        text += os.readlink(f"/proc/self/fd/{fd}") + "\n"
    except OSError:
        pass
found = [line for line in text.splitlines() if FIELD["folder"] in line or "gradebook" in line or "submitted" in line]
answer = f"through {found}" if found else 0
