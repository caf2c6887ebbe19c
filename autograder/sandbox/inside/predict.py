"""Opens a model and has it predict, in a sandbox that never ran a student's code.

Argument: JSON with `model`, `images`, `inputs` and `out` (descriptors; of images and inputs one may be null),
`max_parameters`, `fill` and `pick` (types.Probe says what they mean). Writes frames: the facts of the model, then each
result, the images' first, as a header and the bytes of one array.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import describe  # type: ignore[import-not-found]
import frames  # type: ignore[import-not-found]

sys.path.pop(0)

from handin import weights, wire

BATCH = 250
CHUNK = 1 << 20
OBJECTS = 100_000


class RefusedError(Exception):
    """The model is not used; the text starts with a machine word: file, parameters, input, output."""


def check_weights(path: Path) -> int:
    """Return how many bytes the arrays declare. Raises RefusedError for what is no plain array stored in the file."""
    import h5py

    declared = objects = 0
    try:
        opened = h5py.File(path, "r")
    except OSError as error:
        raise RefusedError("file: its weights are no HDF5 file") from error
    with opened as file:
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
    raise RefusedError(f"input: takes {describe.shape(wanted)}, images are {given}"[:200])


def rebuilt(given: Any, folder: Path) -> Path:
    """Return a new file of the weights, once they are looked through, and of the description that the grader saw.

    How a model was compiled is left out wherever it stands: nobody needs it, and it may name anything.
    """
    weights, path = folder / "weights.h5", folder / "model.keras"
    with zipfile.ZipFile(given) as archive:
        with archive.open("model.weights.h5") as member, weights.open("wb") as target:
            shutil.copyfileobj(member, target)
        config = json.loads(archive.read("config.json"))
        metadata = archive.read("metadata.json")
    try:
        check_weights(weights)
    except (OSError, RuntimeError, TypeError, ValueError, KeyError) as error:  # h5py over what it does not know
        raise RefusedError("file: its weights cannot be read") from error
    waiting = [config]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            node.pop("compile_config", None)
        waiting += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", json.dumps(config))
        archive.write(weights, "model.weights.h5")
    weights.unlink()
    return path


def main(settings: dict[str, Any]) -> None:
    out = os.fdopen(settings["out"], "wb")

    # Nothing that a library prints may get between the frames.
    def send(header: dict[str, Any], content: bytes = b"") -> None:
        out.write(frames.pack(header, content))

    try:
        with os.fdopen(settings["model"], "rb") as source:
            try:
                path = rebuilt(source, Path("/tmp" if settings["own_places"] else os.environ["TMPDIR"]))
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise RefusedError("file: a damaged zip") from error
        model = opened(path, settings["max_parameters"])
        with zipfile.ZipFile(path) as archive:
            facts = describe.facts(model, json.loads(archive.read("config.json")))
        results = []
        if settings["images"] is not None:
            predictions, facts["input"] = predict_images(model, settings["images"])
            results.append(predictions.argmax(-1).astype("uint8") if settings["pick"] else predictions)
        send({"facts": True}, json.dumps(facts).encode())  # too long for a header, where there are many layers
        if settings["inputs"] is not None:
            results += predict_inputs(model, settings["inputs"], settings["fill"])
    except RefusedError as error:
        send({"refused": str(error)})
        out.flush()
        return
    for number, result in enumerate(results):
        if isinstance(result, str):
            send({"result": number, "failed": result})
            continue
        send({"result": number, "shape": list(result.shape), "dtype": result.dtype.str})
        content = memoryview(result.reshape(-1)).cast("B") if result.size else b""
        for start in range(0, len(content), CHUNK):
            send({"part": start}, bytes(content[start : start + CHUNK]))
    send({"end": len(results)})
    out.flush()


def opened(path: Path, most: int | None) -> Any:
    """Return the model. Raises RefusedError for one that is too large, or has not one input and one output."""
    import keras

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        parameters, inputs, outputs = int(model.count_params()), list(model.inputs), list(model.outputs)
    except MemoryError:
        raise
    except Exception as error:
        if _no_memory(error):
            raise MemoryError from error
        raise RefusedError(f"file: Keras does not open it ({type(error).__name__})") from error
    if most is not None and parameters > most:
        raise RefusedError(f"parameters: {parameters} > {most}")
    if len(inputs) != 1:
        raise RefusedError(f"input: {len(inputs)} inputs, one is wanted")
    if len(outputs) != 1:
        raise RefusedError(f"output: {len(outputs)} outputs, one is wanted")
    return model


def _no_memory(error: Exception) -> bool:
    """TensorFlow has a class for it; JAX and PyTorch have words."""
    words = str(error)
    return (
        type(error).__name__ == "ResourceExhaustedError"
        or words.startswith("RESOURCE_EXHAUSTED")
        or ("DefaultCPUAllocator" in words)
    )


def predict_images(model: Any, fd: int) -> tuple[Any, str]:
    """Return the predictions of the images in an .npy file, float32, and words for how these were fitted."""
    import numpy as np

    with os.fdopen(fd, "rb") as file:
        images = np.load(file, allow_pickle=False)
    fitted, words = fit_input(images, tuple(model.inputs[0].shape))
    parts = [predicted(model, fitted[start : start + BATCH]) for start in range(0, len(fitted), BATCH)]
    return np.ascontiguousarray(np.concatenate(parts)), words


def predict_inputs(model: Any, fd: int, seed: int | None) -> list[Any]:
    """Return what the model makes of each array; where it fails on one, a word of why."""
    with os.fdopen(fd, "rb") as file:
        inputs: Any = wire.decode(file.read(), 2**30)
    if seed is not None:
        weights.fill(model, seed)
    results: list[Any] = []
    for given in inputs:
        try:
            results.append(predicted(model, given))
        except RefusedError as error:
            results.append(str(error))
    return results


def predicted(model: Any, batch: Any) -> Any:
    import numpy as np

    given = np.asarray(batch, dtype="float32")
    try:
        made = np.ascontiguousarray(model.predict_on_batch(given), dtype="float32")
    except MemoryError:
        raise
    except Exception as error:
        if _no_memory(error):
            raise MemoryError from error
        raise RefusedError(f"input: it fails on the images ({type(error).__name__})") from error
    if made.shape[:1] != given.shape[:1]:
        raise RefusedError(f"output: {made.shape[:1]} rows for {len(given)} images")
    return made


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
