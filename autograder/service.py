"""What a course's services have in common: started with --course, they serve until they are told to end."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from autograder.basis import find_root
from autograder.errors import AutograderError


def run(name: str, about: str | None, serve: Callable[[Path], Coroutine[Any, Any, None]]) -> None:
    """Parse the command line of a module of this name, and serve the course that it names."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--course", type=Path, required=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(serve(find_root(parser.parse_args().course)))
    except AutograderError as error:
        raise SystemExit(f"{name}: {error}") from None


async def told_to_end() -> None:
    """Wait for SIGTERM or SIGINT."""
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    await done.wait()
