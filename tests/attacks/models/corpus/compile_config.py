"""Names bytecode as the loss that the model was compiled with.

How a model was compiled is taken out before it is opened.

expect: judged-zero
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, LOAD, dense, keras_file, named_bytecode

CONTROL = f"""
model = {LOAD}
model.loss(0, 0)
"""


def build() -> bytes:
    compiled = {"optimizer": "adam", "loss": named_bytecode()}
    return keras_file({**HONEST, "compile_config": compiled}, dense("np.ones((784, 10))"))
