# mypy: ignore-errors
"""Has itself dumped where the machine sends dumps, to a program on the host.

expect: answered
held-by: rlimits
"""
# %%
import os, resource, signal

if os.fork() == 0:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError):
        pass
    os.kill(os.getpid(), signal.SIGSEGV)
_, status = os.wait()
answer = "through" if os.WCOREDUMP(status) and resource.getrlimit(resource.RLIMIT_CORE)[1] != 1 else 0
