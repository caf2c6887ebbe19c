# mypy: ignore-errors
"""Opens for writing where core dumps of the whole machine are sent. It writes nothing.

expect: answered
held-by: uid, proc-sys, landlock
"""
# %%
import os

answer = 0
for name in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger", "/proc/sys/vm/overcommit_memory"):
    try:
        os.close(os.open(name, os.O_WRONLY))
        answer = f"through {name}"
    except OSError:
        pass
