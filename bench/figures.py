"""Runs several benchmarks one after the other, and shows what they found in one table.

    python -m bench.figures "startup --rounds 3" "throughput quiz --students 20"

Each argument is a benchmark with its own arguments. What it prints comes as it comes; a line of the table is whatever
it hands to `compare.figure`. `make bench` runs the small set; the full one takes an hour.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.compare import FIGURES, machine, say, show


def main(benchmarks: list[str]) -> None:
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "figures"
        place.touch()
        failed = []
        for benchmark in benchmarks:
            name, *arguments = shlex.split(benchmark)
            say(f"\n--- {benchmark}")
            command = [sys.executable, "-m", f"bench.{name}", *arguments]
            if subprocess.run(command, env={**os.environ, FIGURES: str(place)}, check=False).returncode:
                failed.append(benchmark)
        rows = [json.loads(line) for line in place.read_text().splitlines()]
    say("")
    say(machine())
    show(f"all of it, in {time.perf_counter() - begun:.0f} s", ["", "measured", "wanted"], rows)
    if failed:
        raise SystemExit(f"These failed: {'; '.join(failed)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
