"""Which question is this student's own."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handin.questions import HandInError, find, load, place, user_name


@given(st.text(), st.text(), st.text(), st.integers(1, 10_000))
def test_a_place_lies_in_the_pool(salt: str, exercise: str, user: str, size: int) -> None:
    assert 0 <= place(salt, exercise, user, size) < size


def test_places_never_change() -> None:
    assert [place("5a17", "count", user, 200) for user in ("ada", "grace", "édouard")] == [2, 87, 134]


def test_places_are_uniform() -> None:
    counts = Counter(place("salt", "count", f"user{n}", 20) for n in range(20_000))
    chi_squared = sum((counts[n] - 1000) ** 2 / 1000 for n in range(20))
    assert chi_squared < 45  # 19 degrees of freedom: 99.9 % lie below 43.8


def test_what_stands_where_matters() -> None:
    assert len({place("a", "bc", "d", 10**9), place("ab", "c", "d", 10**9), place("a", "b", "cd", 10**9)}) == 3


def test_the_student_finds_the_own_variant_every_time(release: Path) -> None:
    mine = find("count")
    assert mine == find("count")
    n = place("5a17", "count", "ada", 50)
    assert (mine.params, mine.variant) == ({"rows": n}, f"{n:016x}")
    assert mine.prompt == f"Take {n} rows of net {n}."
    assert mine.personal and not find("memory").personal


def test_another_student_has_another_variant(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = find("count")
    monkeypatch.setenv("JUPYTERHUB_USER", "grace")
    assert find("count").variant != mine.variant


def test_a_name_in_the_notebook_wins_over_the_hub(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "me", " grace ", raising=False)
    assert user_name() == "grace"


@pytest.mark.parametrize("me", ["", "  ", None, 5])
def test_an_empty_name_in_the_notebook_leaves_it_to_the_hub(
    me: object, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "me", me, raising=False)
    assert user_name() == "ada"


def test_without_any_name_the_student_is_asked(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER")
    with pytest.raises(HandInError, match="first cell"):
        find("count")


def test_options_are_shuffled_for_each_student_and_stay(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = set()
    for user in ("ada", "grace", "emmy", "sofia", "mary"):
        monkeypatch.setenv("JUPYTERHUB_USER", user)
        orders.add(tuple(find("which").options))
        assert list(find("which").options) == list(find("which").options)
        assert set(find("which").options) == {f"option-{n}" for n in range(6)}
    assert len(orders) > 1


def test_targets_are_shuffled_too(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = set()
    for user in ("ada", "grace", "emmy", "sofia", "mary"):
        monkeypatch.setenv("JUPYTERHUB_USER", user)
        orders.add(tuple(find("coats").targets))
    assert len(orders) > 1


def test_every_option_is_first_for_about_as_many(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first: Counter[str] = Counter()
    for n in range(300):
        monkeypatch.setenv("JUPYTERHUB_USER", f"user{n}")
        first[next(iter(find("which").options))] += 1
    assert all(25 <= first[f"option-{n}"] <= 80 for n in range(6))


def test_a_missing_file_is_explained(release: Path) -> None:
    (release / "questions.json").unlink()
    with pytest.raises(HandInError, match="beside this notebook"):
        find("count")


@pytest.mark.parametrize("content", ["", "[]", "{}", "{", "5", '{"format": 1}'])
def test_a_damaged_file_is_explained(content: str, release: Path) -> None:
    (release / "questions.json").write_text(content)
    with pytest.raises(HandInError, match="damaged"):
        find("count")


def test_a_file_of_a_later_version_asks_for_an_upgrade(release: Path) -> None:
    (release / "questions.json").write_text(json.dumps({"format": 2, "exercises": {}, "salt": ""}))
    with pytest.raises(HandInError, match="upgrade"):
        load()


def test_a_file_that_was_replaced_is_read_again(release: Path) -> None:
    path = release / "questions.json"
    content = json.loads(path.read_bytes())
    assert find("count").title == "A number"
    content["exercises"]["count"]["title"] = "A new one"
    path.write_text(json.dumps(content))
    assert find("count").title == "A new one"


@pytest.mark.parametrize(("wrong", "words"), [("cuont", 'mean "count"'), ("zzz", "Its exercises"), (5, "quotes")])
def test_an_unknown_exercise_is_explained(wrong: str, words: str, release: Path) -> None:
    with pytest.raises(HandInError, match=words):
        find(wrong)


@pytest.mark.parametrize("variable", ["JPY_SESSION_NAME", "__vsc_ipynb_file__"])
def test_the_notebooks_own_folder_is_found_from_elsewhere(
    variable: str, release: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    if variable.isupper():
        monkeypatch.setenv(variable, str(release / "arithmetic.ipynb"))
    else:
        monkeypatch.setattr(sys.modules["__main__"], variable, str(release / "arithmetic.ipynb"), raising=False)
    assert find("count").title == "A number"
