"""Names a function of Python as a regularizer.

Keras closed this itself: no positive control.

expect: refused
because: function (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import function, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Dense", units=10, kernel_regularizer=function("eval", "builtins"))))
