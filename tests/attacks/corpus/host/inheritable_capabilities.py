# mypy: ignore-errors
"""Looks for a capability that a program could be given: those that are inherited.

expect: answered
held-by: uid
"""
# %%
from pathlib import Path

status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
answer = f"through {status['CapInh']}" if int(status["CapInh"], 16) else 0
