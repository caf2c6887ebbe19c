# mypy: ignore-errors
"""Looks at a process of the host's, and for processes that are not its own.

expect: answered
held-by: pid-namespace
control: harmless
"""

# %%
from pathlib import Path

found = [Path(f"/proc/{FIELD['pid']}/cmdline").read_bytes()] if Path(f"/proc/{FIELD['pid']}/status").exists() else []
answer = f"through {found}" if found else 0
