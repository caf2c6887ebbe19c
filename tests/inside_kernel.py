"""Runs in the kernel's environment: builds models from source text, and says of each what the second sandbox would.

Argument: a folder with `cases.json`, a list of {names, source, name, fill, inputs}; inputs are .npy files in the
folder. Writes `found.json`, a list of {refused, facts, outputs}; an output is null where the model fails on the input.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "sandbox" / "inside"))
import describe  # type: ignore[import-not-found]

from handin import weights
from handin.layers import refused

HERE = Path(sys.argv[1])


def found(number: int, case: dict[str, Any]) -> dict[str, Any]:
    names = {"keras": keras, "layers": layers, "np": np, **case["names"]}
    keras.utils.set_random_seed(number)  # a network that is drawn badly may learn nothing: that is another test
    exec(case["source"], names)
    path = HERE / "model.keras"
    names[case["name"]].save(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    said = {"refused": [str(refusal) for refusal in refused(config)], "facts": describe.facts(model, config)}
    if case["fill"] is not None:
        weights.fill(model, case["fill"])
    outputs: list[str | None] = []
    for place, file in enumerate(case["inputs"]):
        try:
            made = np.asarray(model.predict_on_batch(np.load(HERE / file)), np.float32)
        except Exception:
            outputs.append(None)
            continue
        name = f"output-{number}-{place}.npy"
        np.save(HERE / name, made)
        outputs.append(name)
    return said | {"outputs": outputs}


if __name__ == "__main__":
    cases = json.loads((HERE / "cases.json").read_text())
    results = [found(number, case) for number, case in enumerate(cases)]
    (HERE / "found.json").write_text(json.dumps(results))
