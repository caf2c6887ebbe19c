"""A Jupyter server as a process of its own."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path, env: Mapping[str, str], log: Path) -> Iterator[str]:
    """Yield the address when it answers."""
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=said)
    base = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{base}/api", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.2)
        yield base
    finally:
        process.kill()  # it would wait for a browser
        process.wait()
