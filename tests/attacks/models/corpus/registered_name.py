"""Says Dense and means a class that somebody registered under another name.

expect: refused
because: Dense (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, keras_file, layer, sequential

CONTROL = f"""
@keras.saving.register_keras_serializable("course", "Dense")
class Registered(keras.layers.Layer):
    def __init__(self, **config):
        os.environ["CANARY"] = "ran"
{LOAD}
"""


def build() -> bytes:
    described = layer("Dense", units=10)
    return keras_file(sequential({**described, "registered_name": "course>Dense"}))
