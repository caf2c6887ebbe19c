"""Opens a model and has it predict, in a sandbox that never ran a student's code.

Argument: JSON with `model`, `images` and `out` (descriptors) and `max_parameters`. Writes frames: progress and facts as
headers, then the predictions as the bytes of one array.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import frames  # type: ignore[import-not-found]

sys.path.pop(0)

BATCH = 250
CHUNK = 1 << 20
OBJECTS = 100_000


class RefusedError(Exception):
    """The model is not used; the text starts with a machine word: file, parameters, input, output."""


def check_weights(path: Path) -> int:
    """Return how many bytes the arrays declare. Raises RefusedError for what is no plain array stored in the file."""
    import h5py

    declared = objects = 0
    with h5py.File(path, "r") as file:
        waiting, seen = [file], set()
        while waiting:
            group = waiting.pop()
            for name in group:
                objects += 1
                if objects > OBJECTS:
                    raise RefusedError("file: too many objects among its weights")
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise RefusedError("file: a link among its weights")
                item = group[name]
                address = h5py.h5o.get_info(item.id).addr
                if address in seen:
                    raise RefusedError("file: its weights contain themselves")
                seen.add(address)
                if isinstance(item, h5py.Group):
                    waiting.append(item)
                elif isinstance(item, h5py.Dataset):
                    declared += _plain_bytes(h5py, item)
                else:
                    raise RefusedError("file: not only arrays among its weights")
    if declared > path.stat().st_size:
        raise RefusedError("file: declares more weights than it holds")
    return declared


def _plain_bytes(h5py: Any, data: Any) -> int:
    created = data.id.get_create_plist()
    if created.get_layout() == h5py.h5d.VIRTUAL or created.get_external_count() or created.get_nfilters():
        raise RefusedError("file: weights that lie elsewhere, or are packed")
    if data.dtype.kind not in "fiub":
        raise RefusedError("file: weights that are no numbers")
    return int(data.size) * int(data.dtype.itemsize)


def fit_input(images: Any, wanted: tuple[Any, ...]) -> tuple[Any, str]:
    """Return the images in the shape that the model takes, and words for what was done: no pixel changes its place."""
    given = images.shape[1:]

    def fits(shape: tuple[int, ...]) -> bool:
        rest = wanted[1:]
        return len(rest) == len(shape) and all(w is None or w == s for w, s in zip(rest, shape, strict=True))

    if fits(given):
        return images, "as given"
    if fits((*given, 1)):
        return images[..., None], "a channel axis was added"
    if given and given[-1] == 1 and fits(given[:-1]):
        return images[..., 0], "the channel axis was dropped"
    flat = 1
    for size in given:
        flat *= size
    if fits((flat,)):
        return images.reshape(len(images), flat), "each image was flattened"
    raise RefusedError(f"input: takes {_shape(wanted)}, images are {given}"[:200])


def _shape(shape: Any) -> list[int | None]:
    return [None if size is None else int(size) for size in shape]


def _all_layers(model: Any) -> list[dict[str, str]]:
    found = []
    for layer in model.layers:
        found.append({"name": str(layer.name)[:80], "class": type(layer).__name__})
        if hasattr(layer, "layers"):
            found += _all_layers(layer)
    return found[:1000]


def main(settings: dict[str, Any]) -> None:
    import zipfile

    out = os.fdopen(settings["out"], "wb")
    # Nothing that a library prints may get between the frames.
    try:
        path = Path("/tmp/model.keras") if settings["confined"] else Path(os.environ["TMPDIR"]) / "model.keras"
        with os.fdopen(settings["model"], "rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        weights = path.with_name("weights.h5")
        with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as member, weights.open("wb") as target:
            shutil.copyfileobj(member, target)
        check_weights(weights)
        weights.unlink()
        facts, predictions = predict(path, settings)
    except RefusedError as error:
        out.write(frames.pack({"refused": str(error)}))
        out.flush()
        return
    out.write(frames.pack({"facts": facts, "shape": list(predictions.shape)}))
    content = memoryview(predictions).cast("B")
    for start in range(0, len(content), CHUNK):
        out.write(frames.pack({"part": start}, bytes(content[start : start + CHUNK])))
    out.write(frames.pack({"end": len(content)}))
    out.flush()


def predict(path: Path, settings: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    import numpy as np

    with os.fdopen(settings["images"], "rb") as file:
        images = np.load(file, allow_pickle=False)
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError(f"file: Keras does not open it ({type(error).__name__})") from error
    parameters = int(model.count_params())
    most = settings["max_parameters"]
    if most is not None and parameters > most:
        raise RefusedError(f"parameters: {parameters} > {most}")
    if len(model.inputs) != 1:
        raise RefusedError(f"input: {len(model.inputs)} inputs, one is wanted")
    if len(model.outputs) != 1:
        raise RefusedError(f"output: {len(model.outputs)} outputs, one is wanted")
    fitted, words = fit_input(images, tuple(model.inputs[0].shape))
    parts = []
    for start in range(0, len(fitted), BATCH):
        batch = np.asarray(fitted[start : start + BATCH], dtype="float32")
        try:
            made = np.asarray(model.predict_on_batch(batch), dtype="float32")
        except MemoryError:
            raise
        except Exception as error:
            raise RefusedError(f"input: it fails on the images ({type(error).__name__})") from error
        if made.shape[:1] != batch.shape[:1]:
            raise RefusedError(f"output: {made.shape[:1]} rows for {len(batch)} images")
        parts.append(made)
    predictions = np.ascontiguousarray(np.concatenate(parts))
    facts = {
        "parameters": parameters, "input": words, "layers": _all_layers(model),
        "input_shape": _shape(model.inputs[0].shape), "output_shape": _shape(model.outputs[0].shape),
    }  # fmt: skip
    return facts, predictions


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
