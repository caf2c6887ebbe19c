"""Run as an ordinary user by test_tiers.py, where bwrap cannot be had: trains a network, which then predicts."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from autograder.sandbox import bubblewrap
from autograder.types import Limits, Probe
from tests.sandbox.jobs import A, B, run, value

FIT = """
import keras, numpy as np
from keras import layers
m = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(10, "softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
m.fit(np.random.rand(64, 28, 28, 1), np.random.randint(0, 10, 64), verbose=0)
"""


def main() -> None:
    bubblewrap.program = lambda: None  # as on a machine that has none: the next tier is found by itself
    with tempfile.TemporaryDirectory() as place:
        images = Path(place) / "images.npy"
        np.save(images, np.zeros((20, 28, 28), "f4"))
        model = Probe("m", "model", "v", images=images, images_digest="x", max_parameters=100_000)
        probes = (value("a"), model, value("b"))
        done = run(A, FIT, ("m", "hand_in('m', 'model', 'v', m)"), B, probes=probes, limits=Limits())
    said = {name: evidence.status for name, evidence in done.evidence.items()}
    remarks = [remark.student for remark in done.remarks]
    print(
        json.dumps(
            {
                "tier": done.tier,
                "said": said,
                "shape": getattr(done.evidence["m"].value, "shape", ()),
                "remarks": remarks,
            }
        )
    )


main()
