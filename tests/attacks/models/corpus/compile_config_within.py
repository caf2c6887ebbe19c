"""Names bytecode as the loss of a model inside the model.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, h5, keras_file, layer, named_bytecode, sequential

CONTROL = f"""
model = {LOAD}
model.layers[-1].loss(0, 0)
"""


def build() -> bytes:
    inner = {**sequential(layer("Flatten"), layer("Dense", units=10), name="inner"),
             "compile_config": {"optimizer": "adam", "loss": named_bytecode()}}  # fmt: skip
    weights = h5(
        "f['layers/sequential/layers/dense/vars/0'] = np.ones((784, 10), 'f4');"
        "f['layers/sequential/layers/dense/vars/1'] = np.ones(10, 'f4')"
    )
    return keras_file(sequential(inner), weights)
