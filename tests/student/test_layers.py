"""The allow-list of layers, on descriptions that Keras wrote (models.json) and on forged ones."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handin.layers import MAX_DEPTH, MAX_REFUSALS, Refusal, refused

MODELS: dict[str, Any] = json.loads((Path(__file__).parent / "models.json").read_text())


def layer(cls: str = "Dense", module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": cls, "config": {"name": "mine", **config}, "registered_name": None}


def model(*layers: Any) -> dict[str, Any]:
    config = {"name": "net", "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


@pytest.mark.parametrize("name", ["sequential", "functional", "ops"])
def test_models_of_standard_layers_are_taken(name: str) -> None:
    assert refused(MODELS[name]) == []


@pytest.mark.parametrize("name", ["sequential", "functional", "ops"])
def test_a_config_without_its_frame_is_read_alike(name: str) -> None:
    assert refused(MODELS[name]["config"]) == []


def test_a_lambda_a_layer_of_ones_own_and_a_function_are_refused_each_with_help() -> None:
    found = [(r.layer, r.cls) for r in refused(MODELS["lambda"])]
    assert found == [("lambda", "Lambda"), ("my", "My"), ("dense_2", "function")]
    assert "Rescaling(1 / 255)" in refused(MODELS["lambda"])[0].help
    assert 'activation="relu"' in refused(MODELS["lambda"])[2].help


def test_a_subclassed_model_is_told_of_the_functional_api() -> None:
    assert "functional API" in refused(MODELS["subclass"])[0].help
    assert "functional API" in refused({"trainable": True})[0].help


@pytest.mark.parametrize(
    "cls",
    ["Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TextVectorization", "StringLookup",
     "Hashing", "Layer", "Wrapper", "Pipeline", "Unknown", "", None, 5, ["Dense"]],
)  # fmt: skip
def test_other_layers_are_refused(cls: Any) -> None:
    (refusal,) = refused(model(layer(cls)))
    assert refusal.layer == "mine" and refusal.help


@pytest.mark.parametrize(
    "change",
    [
        {"registered_name": "Custom>Dense"},
        {"module": None},
        {"module": "os"},
        {"module": "keras.src.saving"},
        {"module": "kerasx.layers"},
        {"module": 5},
    ],
    ids=str,
)
def test_a_known_name_from_elsewhere_is_refused(change: dict[str, Any]) -> None:
    assert refused(model(layer() | change))


@pytest.mark.parametrize(
    "config",
    [
        {"activation": "my_function"},
        {"activation": {"value": ["code", None, None]}},
        {"activation": ["relu"]},
        {"activation": {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"}},
        {"recurrent_activation": "eval"},
        {"kernel_initializer": "os.system"},
        {"kernel_regularizer": {"class_name": "__lambda__", "config": {"code": "", "defaults": None, "closure": None}}},
        {"bias_constraint": {"module": "os", "class_name": "system", "config": {}}},
        {"function": "anything"},
        {"deep": [[{"x": {"class_name": "__typespec__", "spec_name": "x"}}]]},
        {"dtype": {"module": "evil", "class_name": "DTypePolicy", "config": {}}},
    ],
    ids=lambda config: next(iter(config)),
)
def test_code_in_the_place_of_a_name_is_refused(config: dict[str, Any]) -> None:
    (refusal,) = refused(model(layer(**config)))
    assert refusal.layer == "mine"


@pytest.mark.parametrize(
    "config",
    [
        {"activation": "relu"},
        {"activation": None},
        {"activation": layer("LeakyReLU")},
        {"kernel_initializer": "he_normal"},
        {"kernel_regularizer": "l1_l2"},
        {"kernel_regularizer": "l2"},
        {"kernel_constraint": "max_norm"},
        {"cell": layer("LSTMCell")},
        {"unit_forget_bias": True, "factor": [-0.1, 0.1]},
    ],
    ids=str,
)
def test_names_that_keras_knows_are_taken(config: dict[str, Any]) -> None:
    assert refused(model(layer(**config))) == []


def test_a_forbidden_layer_is_found_inside_another() -> None:
    assert refused(model(model(layer("TimeDistributed", layer=layer("Lambda")))))[0].cls == "Lambda"


def test_how_a_model_was_compiled_does_not_matter() -> None:
    assert refused(model(layer()) | {"compile_config": {"loss": {"module": None, "class_name": "mine"}}}) == []


def test_a_container_without_layers_is_refused() -> None:
    assert refused({"module": "keras", "class_name": "Sequential", "config": {}, "registered_name": None})


@pytest.mark.parametrize("config", [None, [], "x", 5, {}, {"layers": 5}, {"class_name": None}])
def test_what_is_no_description_is_refused(config: Any) -> None:
    assert refused(config)


def test_hostile_nesting_is_refused_at_once() -> None:
    deep: Any = layer()
    for _ in range(10_000):
        deep = [deep]
    assert "deeply" in refused(model(deep))[0].help
    loop: list[Any] = []
    loop.append(loop)
    assert refused(model(loop))
    started = time.process_time()
    bomb: Any = [layer()]
    for _ in range(MAX_DEPTH // 2):
        bomb = [bomb, bomb]
    assert refused(model(bomb))
    assert time.process_time() - started < 5


def test_the_list_of_refusals_and_the_names_in_it_stay_short() -> None:
    many = [layer("Lambda" + "x" * 1000 + str(i)) | {"config": {"name": f"{i}\n" * 100}} for i in range(1000)]
    found = refused(model(*many))
    assert len(found) == MAX_REFUSALS
    assert all(len(r.layer) <= 60 and len(r.cls) <= 60 and "\n" not in r.layer for r in found)


keys = st.sampled_from(
    ["class_name", "module", "config", "layers", "registered_name", "name", "activation", "function"]
)
names = (
    st.sampled_from(["Dense", "Lambda", "keras", "keras.layers", "Sequential", "relu", "x"]) | st.none() | st.integers()
)
json_like = st.recursive(names, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@given(json_like)
def test_no_description_raises(config: Any) -> None:
    assert all(isinstance(refusal, Refusal) for refusal in refused(config))


def places(node: Any) -> list[dict[str, Any]]:
    """Every serialized object of a description but how it was compiled, outermost first."""
    inner = (
        [node[key] for key in node if key != "compile_config"]
        if isinstance(node, Mapping)
        else node
        if isinstance(node, list)
        else ()
    )
    found = [place for child in inner for place in places(child)]
    return [node, *found] if isinstance(node, dict) and "module" in node else found


@given(st.sampled_from(["sequential", "functional", "ops"]), st.data())
def test_one_foreign_object_anywhere_is_found(name: str, data: st.DataObject) -> None:
    config = copy.deepcopy(MODELS[name])
    place = data.draw(st.sampled_from(places(config)))
    place.update(data.draw(st.sampled_from([{"class_name": "Evil"}, {"module": "evil"}, {"registered_name": "evil"}])))
    assert refused(config)
