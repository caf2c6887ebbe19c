"""Says Dense first and Lambda second under the same key.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

import json

from tests.attacks.models.make import LOAD, bytecode, keras_file, layer, sequential

CONTROL = LOAD


def build() -> bytes:
    config = json.dumps(sequential(layer("Lambda", function=bytecode())))
    said = '"class_name": "Lambda"'
    return keras_file(config.replace(said, f'"class_name": "Dense", {said}'))
