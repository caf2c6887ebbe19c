from __future__ import annotations

from collections.abc import Iterator

import pytest

from handin.words import speaking
from tests.words import pseudo


@pytest.fixture
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The language of accents, which is spoken during the test."""
    with pseudo.installed(tmp_path_factory.mktemp("locale")) as language, speaking(language):
        yield language
