# mypy: ignore-errors
"""Looks for a capability that it may use, and for new privileges that a program could give it.

expect: answered
held-by: uid
"""
# %%
from pathlib import Path

status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
found = [name for name in ("CapPrm", "CapEff", "CapAmb") if int(status[name], 16)]
found += [] if status["NoNewPrivs"] == "1" else ["new privileges"]
answer = f"through {found}" if found else 0
