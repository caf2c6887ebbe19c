# mypy: ignore-errors
"""Reads a file of the host's, here the gradebook.

expect: answered
held-by: mount-namespace, landlock
control: harmless
"""

# %%
from pathlib import Path

answer = 0
for path in (
    FIELD["file"],
    "/proc/1/root" + FIELD["file"],
    "/proc/self/root" + FIELD["file"],
    "/proc/self/cwd/../../../.." + FIELD["file"],
):
    try:
        answer = f"through {Path(path).read_text()}"
    except OSError:
        pass
