"""What one more submission takes of memory while it is run, before its own code has computed anything.

    python -m bench.memory --at-a-time 4

Notebooks that import TensorFlow and Keras, and then wait: so many at a time, started cold, and forked from a warm
process. `one more` is what all processes of ours take together with them, less what they take with one, for each of the
others: memory that several share is counted once (PSS). `private` is what a sandbox's processes have to themselves;
`group` is what its control group says.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import psutil

from autograder.engines.runner import run_job
from autograder.sandbox.box import Box
from autograder.sandbox.screen import Screen
from autograder.types import Job, Limits
from bench.compare import figure, machine, median, say, show

MB = 1024
CELLS = ("import tensorflow as tf\nimport keras", "import time\ntime.sleep(600)")
JOB = Job("memory/of/one", json.dumps({"cells": [
    {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None} for text in CELLS
]}).encode(), "student", ())  # fmt: skip


@dataclass(frozen=True)
class Used:
    """Of a set of processes, in MB."""

    pss: float
    private: float
    rss: float


def used(pids: list[int]) -> Used:
    total = {"Pss": 0, "Private_Clean": 0, "Private_Dirty": 0, "Rss": 0}
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name in total:
                total[name] += int(rest.split()[0])
    private = total["Private_Clean"] + total["Private_Dirty"]
    return Used(total["Pss"] / MB, private / MB, total["Rss"] / MB)


def of_group(box: Box) -> float | None:
    group: Any = box._group
    if group is None:
        return None
    names = ("memory.current", "memory.usage_in_bytes")
    path = next(group.folders["memory"] / n for n in names if (group.folders["memory"] / n).exists())
    return int(path.read_text()) / 2**20


@contextmanager
def running(number: int, warm: bool) -> Iterator[list[Box]]:
    """So many notebooks that have done their first cell and wait in their second."""
    boxes: list[Box] = []
    idle = threading.Semaphore(0)
    watched, screen = cast("tuple[Any, Any]", (Box, Screen))
    made, taken = Box.__init__, Screen.take

    def init(box: Box, *args: Any) -> None:
        made(box, *args)
        if box.order.program == "kernel.py":
            boxes.append(box)

    def take(of: Screen) -> list[Any]:
        idle.release()  # a cell has ended
        return taken(of)

    watched.__init__, screen.take = init, take
    limits = Limits(cell_seconds=600, seconds=600, memory_mb=4096)
    threads = [
        threading.Thread(target=run_job, args=(replace(JOB, id=f"memory/of/{i}", warm=warm, limits=limits),))
        for i in range(number)
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            if not idle.acquire(timeout=300):
                raise SystemExit("A notebook that only imports TensorFlow did not get there in five minutes.")
        time.sleep(1)
        yield boxes
    finally:
        for box in boxes:
            box.kill()
        for thread in threads:
            thread.join()
        watched.__init__, screen.take = made, taken


def ours() -> list[int]:
    """This process, warm ones, keepers, sandboxes."""
    return [os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-a-time", type=int, default=4)
    asked = parser.parse_args()
    say(machine())
    rows = []
    for name, warm in (("cold", False), ("forked", True)):
        totals = {}
        for number in (1, asked.at_a_time):
            with running(number, warm) as boxes:
                totals[number] = used(ours()).pss
                each = [used(list(box._meter._tree())) for box in boxes]
                groups = [found for box in boxes if (found := of_group(box)) is not None]
                inside = {pid for box in boxes for pid in box._meter._tree()}
                rest = used([pid for pid in ours() if pid not in inside])
        more = (totals[asked.at_a_time] - totals[1]) / (asked.at_a_time - 1)
        figure(f"memory of one more submission, {name}", more, "MB", "under 100 MB" if warm else "")
        rows.append([
            name, f"{more:.0f}", f"{median(u.private for u in each):.0f}", f"{median(u.pss for u in each):.0f}",
            f"{median(groups):.0f}" if groups else "none", f"{rest.pss:.0f}", f"{totals[asked.at_a_time]:.0f}",
        ])  # fmt: skip
    columns = ["MB a submission", "one more", "private", "PSS", "group", "beside them (grader, warm)", "all together"]
    show(f"{asked.at_a_time} notebooks at a time that have imported TensorFlow and Keras, and wait", columns, rows)


if __name__ == "__main__":
    main()
