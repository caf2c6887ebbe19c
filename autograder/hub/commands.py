"""The command of this package; cli.py adds it. Imports are inside, so that --help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.console import AsJson, Root, listed


def add_to(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    hub: Annotated[
        Path | None, typer.Option(help="The hub's jupyterhub_config.py: all its courses; default: this course alone.")
    ] = None,
    course: Root = Path(),
    as_json: AsJson = False,
) -> None:
    """Say what is unsafe on this machine, and the command that mends it. Run it as root; it changes nothing."""
    import os

    from autograder.course import find_root
    from autograder.errors import AutograderError
    from autograder.hub.audit import audit as run
    from autograder.hub.audit import one_course, read_hub

    if os.geteuid():
        raise AutograderError("Only root sees what others may read: run `sudo autograder audit` with the same options.")
    found = run(read_hub(hub.resolve()) if hub else one_course(find_root(course)))
    listed(found, "unsafe thing", "unsafe things", "[green]Nothing unsafe was found.[/]", as_json)
