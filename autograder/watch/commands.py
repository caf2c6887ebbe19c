"""The command of this package; cli.py adds it. Imports are inside, so that --help is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.console import Root, Workers, load
from autograder.errors import LOST

if TYPE_CHECKING:
    from autograder.engines import Engine
    from autograder.watch.events import Event, Tell


def add_to(app: typer.Typer) -> None:
    app.command()(watch)


def watch(
    workers: Workers = 2,
    once: Annotated[bool, typer.Option("--once", help="Grade what is there, and end.")] = False,
    course: Root = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as a line of JSON.")] = False,
    metrics: Annotated[
        str, typer.Option(metavar="[HOST:]PORT", help="Serve numbers for Prometheus; on this machine alone by default.")
    ] = "",
) -> None:
    """Grade what arrives in nbgrader's exchange, as it arrives, and lay its feedback where students fetch it.

    Can be stopped at any moment (Ctrl + C, SIGTERM, a crash): what is not done is taken up at the next start.
    """
    import os
    import signal

    from autograder.engines.local import LocalEngine
    from autograder.watch.systemd import notify
    from autograder.watch.watcher import Watcher

    loaded = load(course)
    engine: Engine = LocalEngine(1)  # for each of the workers
    told: list[Tell] = [lambda event: print(event.as_json() if as_json else event, flush=True), notify]

    def tell(event: Event) -> None:
        for each in told:
            each(event)

    if metrics:
        from importlib.metadata import version

        from autograder.sandbox.tiers import tier
        from autograder.watch.metrics import Metrics

        meter = Metrics(loaded.id, version("autograder"), tier().name)
        engine = meter.counting(engine)
        told.append(meter.tell)
    watcher = Watcher(loaded, engine, workers, tell)
    engine.environment(loaded.tier)  # where nothing confines, this ends before anybody is graded
    if metrics:
        meter.follow(watcher.waiting)
        meter.serve(metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watcher.stop())
    ended = watcher.run(once)
    code = LOST if once and ended.lost else 0
    if ended.left:
        # What still runs would be waited for. Its sandbox ends with us, and its mark says that it is to be done again.
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)
