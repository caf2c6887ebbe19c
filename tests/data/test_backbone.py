from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from autograder.data import Dataset, Pack, cache, pack
from autograder.data.backbone import BACKBONE, SIZES, _build, weights
from autograder.errors import DataError
from handin.weights import SKETCH


def test_the_network_has_the_weights_that_keras_counts() -> None:
    named = dict(weights())
    assert len(named) == 52 * 5
    assert sum(math.prod(shape) for shape in named.values()) == 2_257_984  # as count_params() says without the top


def test_the_stand_in_sketches_every_weight() -> None:
    facts = BACKBONE.stand_in("full").facts
    assert facts.keys() == dict(weights()).keys()
    assert facts["Conv1/kernel"]["shape"] == [3, 3, 3, 32]
    assert all(len(fact["sketch"]) == min(SKETCH, math.prod(fact["shape"])) for fact in facts.values())


def test_without_the_kernels_python_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_KERNEL_ENV", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="make setup"):
        _build((".h5", b"", ""), tmp_path, "full", np.random.default_rng(0))


@pytest.mark.tensorflow
def test_a_file_that_holds_no_such_network_is_refused(tmp_path: Path) -> None:
    other = Dataset("Backbone", 1, lambda _, *rest: _build((".h5", b"no weights", ""), *rest), BACKBONE.stand_in)
    with pytest.raises(DataError, match="could not be read"):
        pack(tmp_path, "backbone", "full", datasets={"backbone": other})
    assert not (tmp_path / "data" / "backbone-full").exists()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack itself, where its file has been fetched before: fast tests never use the network."""
    if not any((cache() / source.file).exists() for source in BACKBONE.sources):
        pytest.skip("THE BACKBONE HAS NOT BEEN FETCHED YET: grading `transfer` does; nothing here sees the real one")
    return pack(tmp_path_factory.mktemp("course"), "backbone", "full")


@pytest.mark.tensorflow
def test_the_real_weights_lie_under_all_names_that_keras_looks_for(made: Pack) -> None:
    names = {f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{size}_no_top.h5" for size in SIZES}
    files = sorted(made.kernel.glob("*.h5"))
    assert {file.name for file in files} == names
    assert len({file.read_bytes() for file in files}) == 1


@pytest.mark.tensorflow
def test_the_real_pack_says_which_weights_it_holds(made: Pack) -> None:
    assert made.source in {source.where for source in BACKBONE.sources}
    assert "trained on" in (made.kernel / "ABOUT.txt").read_text()


@pytest.mark.tensorflow
def test_the_real_facts_have_names_and_shapes_of_the_network(made: Pack) -> None:
    assert {name: tuple(fact["shape"]) for name, fact in made.facts.items()} == dict(weights())
    assert any(np.std(fact["sketch"]) > 0.1 for name, fact in made.facts.items() if name.endswith("/kernel"))


@pytest.mark.tensorflow
def test_built_again_it_is_the_same(made: Pack, tmp_path: Path) -> None:
    assert pack(tmp_path, "backbone", "full").digest == made.digest
