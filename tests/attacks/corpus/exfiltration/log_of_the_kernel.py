# mypy: ignore-errors
"""Reads the log and the symbols of the machine's kernel, its devices and its hardware.

expect: answered
held-by: seccomp, mount-namespace
"""

# %%
import ctypes
from pathlib import Path

libc = ctypes.CDLL(None)
found = []
buffer = ctypes.create_string_buffer(4096)
if libc.klogctl(3, buffer, 4096) > 0:
    found.append("log")
for name in ("/dev/kmsg", "/dev/mem", "/dev/sda", "/dev/vda", "/sys/class", "/proc/kcore", "/boot"):
    try:
        if Path(name).is_dir() or Path(name).open("rb").read(1):
            found.append(name)
    except OSError:
        pass
try:
    if any(int(line.split()[0], 16) for line in Path("/proc/kallsyms").open()):
        found.append("kallsyms")
except OSError:
    pass
answer = f"through {found}" if found else 0
