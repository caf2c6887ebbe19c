# mypy: ignore-errors
"""Ask how many cores there are, how much memory, which system and which Python."""

# %%
import os
import platform
import sys

import psutil

memory = psutil.virtual_memory()
own = psutil.Process()

# %%
hand_in(
    "work",
    "value",
    "v",
    [
        os.cpu_count(),
        psutil.cpu_count(),
        len(os.sched_getaffinity(0)),
        memory.total > 2**28,
        own.memory_info().rss > 0,
        own.name()[:6],
        platform.system(),
        platform.python_version(),
        sys.maxsize,
    ],
)
