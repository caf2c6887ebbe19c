"""What is said of a model file without opening it."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest

from autograder.sandbox.modelfile import RefusedError, inspect


def layer(cls: str, **config: Any) -> dict[str, Any]:
    return {
        "module": "keras.layers",
        "class_name": cls,
        "registered_name": None,
        "config": {"name": cls.lower(), **config},
    }


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    described = {"name": "sequential", "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "registered_name": None, "config": described}


DENSE = model(layer("Dense", units=10, activation="relu"))


def packed(config: Any = DENSE, weights: bytes = b"\x89HDF" * 100, **more: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config if isinstance(config, str | bytes) else json.dumps(config))
        archive.writestr("model.weights.h5", weights)
        for name, data in more.items():
            archive.writestr(name, data)
    return file


def refusal(file: io.BytesIO, cap: int | None = 1000) -> str:
    with pytest.raises(RefusedError) as caught:
        inspect(file, 8, cap)
    return str(caught.value)


def test_a_plain_model_passes() -> None:
    inspect(packed(), 8, 1000)


def test_a_lambda_layer_is_named() -> None:
    assert refusal(packed(model(layer("Lambda", function="x")))).startswith("layers: Lambda (lambda)")


def test_a_layer_wider_than_all_parameters_is_refused() -> None:
    assert refusal(packed(model(layer("Dense", units=300_000_000)))).startswith("parameters: units is 300000000")


def test_other_members_are_refused() -> None:
    assert refusal(packed(**{"assets/x": b""})).startswith("file: not the members")
    assert refusal(packed(**{"../x": b""})).startswith("file: not the members")


def test_a_zip_bomb_is_refused() -> None:
    assert refusal(packed(weights=b"\0" * 7_000_000)) == "file: unpacks to far more than it is"


def test_weights_for_more_parameters_than_allowed_are_refused() -> None:
    import os

    assert refusal(packed(weights=os.urandom(5_000_000))).startswith("parameters: weights of")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100, b"\x89HDF\r\n\x1a\n" * 9])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert refusal(io.BytesIO(data)).startswith("file:")


@pytest.mark.parametrize("config", ["[" * 200_000, "nonsense", "[]", '"x"', b"\xff\xfe"])
def test_a_description_that_is_none_is_refused(config: str | bytes) -> None:
    assert refusal(packed(config)).startswith("file:")


def test_a_directory_of_a_million_members_is_not_even_read() -> None:
    entry = b"PK\1\2" + b"\0" * 42
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 3, 3, 46 * 200_000, 0, 0)
    assert refusal(io.BytesIO(entry * 200_000 + end)) == "file: not the members of a Keras model"
    assert refusal(io.BytesIO(b"PK\6\7" + b"\0" * 16 + end)).startswith("file: not a zip")


def test_a_description_of_many_small_things_is_not_even_parsed() -> None:
    assert refusal(packed(str([*range(450_000)]))) == "file: its description is too long"
