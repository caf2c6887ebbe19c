from __future__ import annotations

from pathlib import Path

import pytest

from tests.nbgrader_ext.conftest import generated as generated
from tests.nbgrader_ext.conftest import school as school
from tests.nbgrader_ext.school import School
from tests.watch.hall import Hall


@pytest.fixture
def hall(school: School, tmp_path: Path) -> Hall:
    return Hall(school, tmp_path)
