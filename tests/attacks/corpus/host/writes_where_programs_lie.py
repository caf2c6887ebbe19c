# mypy: ignore-errors
"""Writes into packages, start-up files of Python and IPython, the agent, system folders, devices.

expect: answered
held-by: mount-namespace, landlock
"""
# %%
import os, site, sys
from pathlib import Path

found = []
places = ["/usr/lib", "/usr/bin", "/etc", "/", "/dev", "/opt", "/opt/sandbox", "/opt/kernel", "/data", sys.prefix, sys.base_prefix, *site.getsitepackages(), os.path.dirname(os.__file__)]
for place in places:
    path = Path(place) / "ag_probe.pth"
    try:
        path.write_text("import os")
        path.unlink()
        found.append(place)
    except OSError:
        pass
for file in ("/opt/sandbox/kernel.py", os.__file__, "/etc/passwd", "/etc/ld.so.cache", sys.executable):
    try:
        os.close(os.open(file, os.O_WRONLY))
        found.append(file)
    except OSError:
        pass
answer = f"through {found}" if found else 0
