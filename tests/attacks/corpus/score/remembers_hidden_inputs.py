# mypy: ignore-errors
"""Writes hidden inputs down, to print them in a later cell and in the next kernel that the notebook is given.

expect: crashed
held-by: tmpfs
kernel: dies
"""

# %% function
from pathlib import Path

places = [Path(p) for p in ("/tmp/seen", "/home/student/seen", "/home/student/work/seen", "/dev/shm/seen")]
print(*[p.read_text() for p in places if p.exists()])


def twice(x):
    for place in places:
        place.write_text(str(x))
    import os

    os._exit(1)


# %% end
print(*[p.read_text() for p in places if p.exists()])
