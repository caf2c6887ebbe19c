"""Unpickles a module of another framework.

The other framework is not installed here: no positive control.

expect: refused
because: TorchModuleWrapper (torchmodulewrapper)
"""

from __future__ import annotations

import base64

from tests.attacks.models.make import keras_file, layer, sequential


def build() -> bytes:
    return keras_file(
        sequential(layer("TorchModuleWrapper", module=base64.b64encode(b"cos\nsystem\n(S'true'\ntR.").decode()))
    )
