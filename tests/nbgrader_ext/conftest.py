from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from autograder import pipeline
from tests.nbgrader_ext.school import School, make_course


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose assignment was generated once; tests copy it."""
    root = make_course(tmp_path_factory.mktemp("course"))
    School(root).generate()
    return root


@pytest.fixture
def school(generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    root = tmp_path / "course"
    shutil.copytree(generated, root)
    made = School(root)
    monkeypatch.setattr(pipeline, "grade_one", partial(pipeline.grade_one, engine=made.engine))
    return made
