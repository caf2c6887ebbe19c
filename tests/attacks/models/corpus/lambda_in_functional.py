"""Hides a Lambda layer among the nodes of a functional model.

expect: refused
because: Lambda (lambda)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, bytecode, functional, images, keras_file, layer, reads

CONTROL = LOAD


def build() -> bytes:
    nodes = [reads(images()), reads(layer("Lambda", function=bytecode()), "inputlayer")]
    return keras_file(functional(nodes, "lambda"))
