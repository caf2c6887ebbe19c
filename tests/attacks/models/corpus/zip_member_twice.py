"""Has two descriptions: one to be looked at, one to be opened.

expect: rejected-file
because: not the members of a Keras model: 'metadata.json'
"""

from __future__ import annotations

import json

from tests.attacks.models.make import h5, layer, sequential, zipped


def build() -> bytes:
    harmless, other = (json.dumps(sequential(layer(cls))) for cls in ("Flatten", "Lambda"))
    made = zipped([("config.json", harmless), ("confi_.json", other), ("model.weights.h5", h5())])
    return made.replace(b"confi_.json", b"config.json")
