# mypy: ignore-errors
"""Raises what it may use: limits of the process, its priority, the kind of its scheduling.

expect: answered
held-by: rlimits, uid
"""
# %%
import os, resource

found = []
for name in ("NOFILE", "NPROC", "CORE", "FSIZE", "MEMLOCK"):
    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    if hard == resource.RLIM_INFINITY:
        found.append(f"{name} has none")
        continue
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
        found.append(name)
    except (OSError, ValueError):
        pass
for call in (lambda: os.setpriority(os.PRIO_PROCESS, 0, -10), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)), lambda: os.nice(-5)):
    try:
        call()
        found.append("priority")
    except OSError:
        pass
answer = f"through {found}" if found else 0
