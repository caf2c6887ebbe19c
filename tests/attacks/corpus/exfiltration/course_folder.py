# mypy: ignore-errors
"""Lists the folder of the course, and everything that looks like one.

expect: answered
held-by: mount-namespace, landlock
control: harmless
"""

# %%
import os
from pathlib import Path

found = os.listdir(FIELD["folder"]) if os.path.isdir(FIELD["folder"]) else []
found += [
    str(p)
    for place in ("/srv", "/mnt", "/media", "/root", "/var", "/home")
    for p in Path(place).glob("*")
    if str(p) != "/home/student"
]
answer = f"through {found}" if found else 0
