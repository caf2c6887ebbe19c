"""Names a function of subprocess as what a Lambda layer calls, with arguments of its own.

Keras closed this itself: no positive control.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import function, keras_file, layer, sequential


def build() -> bytes:
    return keras_file(sequential(layer("Lambda", function=function("run", "subprocess"), arguments={"args": ["true"]})))
