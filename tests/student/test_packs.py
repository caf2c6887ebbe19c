from __future__ import annotations

from pathlib import Path

import pytest

from handin import data, packs
from handin.questions import HandInError


@pytest.fixture(autouse=True)
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a notebook, on a computer where nobody has prepared anything."""
    folder = tmp_path / "notebook"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv(packs.VARIABLE, raising=False)
    monkeypatch.setattr(packs, "mounted", {})
    return folder


@pytest.mark.parametrize("place", ["data/pictures", "pictures"])
def test_data_lie_beside_the_notebook(notebook: Path, place: str) -> None:
    (notebook / place).mkdir(parents=True)
    assert data("pictures").resolve() == notebook / place


def test_on_a_hub_they_lie_where_the_variable_says(
    tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(packs.VARIABLE, str(tmp_path / "shared"))
    (tmp_path / "shared" / "pictures").mkdir(parents=True)
    (notebook / "pictures").mkdir()
    assert data("pictures") == tmp_path / "shared" / "pictures"


def test_where_they_are_laid_out_for_the_notebook_nothing_else_counts(
    tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "mounted", {"pictures": str(tmp_path)})
    (notebook / "pictures").mkdir()
    assert data("pictures") == tmp_path


def test_data_that_are_nowhere_say_where_to_get_them(notebook: Path) -> None:
    with pytest.raises(HandInError, match="put it beside this notebook"):
        data("pictures")


@pytest.mark.parametrize("name", ["", "../secrets", "/etc", "a b", 3, None])
def test_what_is_no_name_is_told_how_to_write_one(name: object) -> None:
    with pytest.raises(HandInError, match=r"such as data\('pictures'\)"):
        data(name)  # type: ignore[arg-type]
