"""Runs in the kernel's environment: the cells of a notebook up to a model that is handed in, once for each seed.

Reads JSON on stdin: cells, exercise, seeds, packs (name -> folder), folder (where questions.json lies), hidden (files
of images), pick, out (where predictions are written). Prints one line RUN and JSON for each seed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "autograder" / "sandbox" / "inside"))
import datasets  # type: ignore[import-not-found]
import numpy as np

from handin import carrier, packs


def trained(cells: list[str], exercise: str, seed: int) -> Any:
    """Return the model that is handed in for the exercise."""
    import keras

    handed: dict[str, Any] = {}
    carrier.set_carrier(lambda answer: handed.__setitem__(answer.exercise, answer.answer))
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(cell, names)
    return handed[exercise]


def main(task: dict[str, Any]) -> None:
    os.environ["KERAS_HOME"] = task["out"]
    datasets.install(task["packs"])  # before Keras is imported
    packs.mounted = task["packs"]
    os.chdir(task["folder"])
    for seed in task["seeds"]:
        wall, cpu = time.perf_counter(), time.process_time()
        model = trained(task["cells"], task["exercise"], seed)
        spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        files = []
        for number, path in enumerate(task["hidden"]):
            made = model.predict(np.load(path), batch_size=250, verbose=0)
            files.append(f"{task['out']}/{seed}-{number}.npy")
            np.save(files[-1], made.argmax(-1).astype(np.uint8) if task["pick"] else made)
        facts = {
            "parameters": model.count_params(), "input_shape": list(model.input_shape),
            "output_shape": list(model.output_shape),
        }  # fmt: skip
        print("RUN", json.dumps({"seed": seed, "files": files, "facts": facts, **spent}), flush=True)


if __name__ == "__main__":
    main(json.load(sys.stdin))
