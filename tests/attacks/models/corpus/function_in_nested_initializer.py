"""Hides a function of os in an initializer that stands in a constraint of an inner model.

Keras closed this itself: no positive control.

expect: refused
because: MaxNorm (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import function, keras_file, layer, sequential


def build() -> bytes:
    hidden = {"module": "keras.initializers", "class_name": "Constant", "registered_name": None,
              "config": {"value": function("system", "os")}}  # fmt: skip
    inner = sequential(layer("Dense", units=10, kernel_constraint={"class_name": "MaxNorm", "config": {"x": hidden}}))
    return keras_file(sequential(inner, name="outer"))
