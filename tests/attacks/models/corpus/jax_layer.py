"""Has functions of another framework called.

The other framework is not installed here: no positive control.

expect: refused
because: JaxLayer (jaxlayer)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, named_bytecode, sequential


def build() -> bytes:
    return keras_file(sequential(layer("JaxLayer", call_fn=named_bytecode(), init_fn=named_bytecode())))
