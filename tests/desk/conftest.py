from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.reception import Reception


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A course's folder in the exchange, with one release, as nbgrader makes it."""
    place = tmp_path / "exchange" / "tiny"
    for name, mode in (("outbound", 0o755), ("inbound", 0o2733), ("feedback", 0o711)):
        (place / name).mkdir(parents=True)
        (place / name).chmod(mode)
    release = place / "outbound" / "sums"
    (release / "data").mkdir(parents=True)
    (release / "sums.ipynb").write_text("{}")
    (release / "data" / "a.csv").write_text("1,2\n")
    return place


@pytest.fixture
def reception(place: Path) -> Iterator[Reception]:
    with Reception(place).open() as opened:
        yield opened
