"""Where the data of a course lie: in a sandbox, on a hub, and on a student's own computer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from handin.questions import HandInError
from handin.words import _

VARIABLE = "AUTOGRADER_DATA"

mounted: Mapping[str, str] = {}
"""Name -> folder, where somebody has laid the data out for this notebook: the sandbox's agent has."""


def find(name: str) -> Path:
    """Return the folder of a data pack; raise HandInError that says where to get it."""
    if type(name) is not str or not name.isidentifier():
        told = _("data() takes the name of a data set, such as data('pictures'). You wrote: {name}")
        raise HandInError(told.format(name=f"{name!r:.60}"))
    for folder in _places(name):
        if folder.is_dir():
            return folder
    told = _(
        "The data set '{name}' is not here. On the course's server, tell the staff. On your own computer: download "
        "the folder {name} from the course page, and put it beside this notebook, or into a folder data beside it. "
        "Looked for: {places}."
    )
    raise HandInError(told.format(name=name, places=", ".join(str(folder) for folder in _places(name))))


def _places(name: str) -> Iterator[Path]:
    if name in mounted:
        yield Path(mounted[name])
    if shared := os.environ.get(VARIABLE):
        yield Path(shared) / name
    yield Path("data") / name
    yield Path(name)
