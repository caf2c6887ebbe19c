# mypy: ignore-errors
"""Attaches to the namespace's first process, reads its memory, signals it, stops it.

expect: answered
held-by: uid, seccomp, pid-namespace
"""
# %%
import ctypes, os, signal

libc = ctypes.CDLL(None)
libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
libc.prctl(0x59616D61, -1, 0, 0, 0)  # PR_SET_PTRACER
found = ["ptrace"] if libc.ptrace(16, 1, 0, 0) == 0 else []
for name in ("mem", "root", "cwd", "fd"):
    try:
        os.listdir(f"/proc/1/{name}") if name != "mem" else open("/proc/1/mem", "rb")
        if name == "mem" or os.path.exists(f"/proc/1/{name}{FIELD['file']}"):
            found.append(name)
    except OSError:
        pass
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(1, number)
    except OSError:
        pass
answer = f"through {found}" if found else 0
