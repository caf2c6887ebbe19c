"""Takes the images and, it says, their labels.

expect: refused
because: 2 inputs, one is wanted
"""

from __future__ import annotations

from tests.attacks.models.make import functional, images, keras_file, layer, reads


def build() -> bytes:
    second = {**images(), "config": {**images()["config"], "name": "labels"}}
    nodes = [reads(images()), reads(second), reads(layer("Add"), "inputlayer", "labels")]
    made = functional(nodes, "add")
    made["config"]["input_layers"].append(["labels", 0, 0])
    return keras_file(made)
