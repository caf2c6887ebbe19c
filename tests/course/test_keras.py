"""The keys against Keras itself, in the kernel's environment: the grader's has no TensorFlow."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from course._lib import stack

KERNEL = Path(__file__).parents[2] / ".kernel" / "bin" / "python"
BUILD = """
import json, sys
import keras

found = []
for stack in json.load(sys.stdin):
    model = keras.Sequential([keras.Input((stack["height"], stack["width"], stack["channels"]))])
    for layer in stack["layers"]:
        model.add(keras.layers.Conv2D(layer["filters"], layer["kernel"], layer["stride"], layer["padding"]))
    found.append([model.count_params(), [list(layer.output.shape[1:]) for layer in model.layers]])
print(json.dumps(found))
"""


def any_stack(rng: Random) -> dict[str, Any]:
    layers = [
        {
            "filters": rng.randint(1, 40),
            "kernel": rng.choice([rng.randint(1, 6), [rng.randint(1, 6), rng.randint(1, 6)]]),
            "stride": rng.randint(1, 3),
            "padding": rng.choice(["same", "valid"]),
        }
        for _ in range(rng.randint(1, 4))
    ]
    return {
        "height": rng.randint(150, 300),
        "width": rng.randint(150, 300),
        "channels": rng.randint(1, 4),
        "layers": layers,
    }


@pytest.mark.tensorflow
def test_parameters_and_shapes_are_those_of_keras() -> None:
    rng = Random(20)
    stacks = [dict(stack.FIXED), *(stack.draw_stack(rng) for _ in range(25)), *(any_stack(rng) for _ in range(50))]
    done = subprocess.run(
        [KERNEL, "-c", BUILD], input=json.dumps(stacks), capture_output=True, text=True, check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}, timeout=300,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    for asked, (parameters, shapes) in zip(stacks, found, strict=True):
        assert stack.count_parameters(asked) == parameters
        assert [list(shape) for shape in stack.shapes(asked)[1:]] == shapes
