"""Model files by hand: a zip, a description, weights. The grader has no Keras, and needs none for this."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from functools import lru_cache
from typing import Any

from autograder.sandbox.bubblewrap import kernel_env

Described = dict[str, Any]

LOAD = "keras.saving.load_model(path, safe_mode=False)"
"""A positive control: what whoever trusts the file would do with it."""


def layer(cls: str, module: str = "keras.layers", **config: Any) -> Described:
    config.setdefault("name", cls.lower())
    return {"module": module, "class_name": cls, "registered_name": None, "config": config}


def images(*shape: int | None) -> Described:
    """The layer that takes the images; as they are, unless another shape is given."""
    return layer("InputLayer", batch_shape=[None, *(shape or (28, 28))], dtype="float32")


def sequential(*layers: Described, name: str = "sequential") -> Described:
    """A model of layers in a row, the one for the images first."""
    return whole("Sequential", {"name": name, "layers": [images(), *layers]})


def whole(cls: str, config: Any, **more: Any) -> Described:
    return {"module": "keras", "class_name": cls, "registered_name": None, "config": config} | more


def functional(nodes: list[Described], output: str) -> Described:
    """A model whose layers say themselves what they read; the first takes the images."""
    first = nodes[0]["config"]["name"]
    ends = {"input_layers": [[first, 0, 0]], "output_layers": [[output, 0, 0]]}
    return whole("Functional", {"name": "functional", "layers": nodes, **ends}, module="keras.src.models.functional")


def reads(node: Described, *sources: str, shape: tuple[int | None, ...] = (None, 28, 28)) -> Described:
    """The same layer in a functional model. Several sources are given as one list, as Add takes them."""
    tensors = [
        {"class_name": "__keras_tensor__",
         "config": {"shape": list(shape), "dtype": "float32", "keras_history": [source, 0, 0]}}
        for source in sources
    ]  # fmt: skip
    given = tensors if len(tensors) > 1 else tensors[0] if tensors else None
    calls = [{"args": [given], "kwargs": {}}] if tensors else []
    return {**node, "name": node["config"]["name"], "inbound_nodes": calls}


def function(name: str, module: str) -> Described:
    return {"class_name": "function", "module": module, "config": name, "registered_name": name}


@lru_cache(maxsize=8)
def _marshalled(source: str) -> str:
    """Made by the kernel's Python: bytecode of another version would be blind."""
    return kernel_python(
        f"import base64, marshal; f = eval({source!r}); "
        "print(base64.b64encode(marshal.dumps(f.__code__)).decode(), end='')"
    ).decode()


CANARY = "lambda *a, **k: (__import__('os').environ.__setitem__('CANARY', 'ran'), a[0])[1]"
"""The payload of all of them: it sets a variable, and passes on what it was given."""


def bytecode() -> Described:
    """A function as a Lambda layer keeps it."""
    return {"class_name": "__lambda__", "config": {"code": _marshalled(CANARY), "defaults": None, "closure": None}}


def named_bytecode() -> Described:
    """A function as it stands anywhere else."""
    return {"class_name": "__lambda__", "config": {"value": [_marshalled(CANARY), None, None]}}


def kernel_python(source: str) -> bytes:
    """What a snippet prints in the kernel's environment."""
    command = [str(kernel_env().folder / "bin" / "python"), "-I", "-c", source]
    return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout


@lru_cache(maxsize=8)
def h5(source: str = "", options: str = "") -> bytes:
    """An HDF5 file; `source` has it open as f."""
    made = kernel_python(
        "import base64, h5py, io, numpy as np\n"
        f"b = io.BytesIO(); f = h5py.File(b, 'w'{options})\n{source}\n"
        "f.close(); print(base64.b64encode(b.getvalue()).decode())"
    )
    return base64.b64decode(made)


def dense(kernel: str, bias: str = "np.zeros(10)", options: str = "") -> bytes:
    """The weights of HONEST, said in NumPy."""
    return h5(
        f"f['layers/dense/vars/0'] = ({kernel}).astype('f4'); f['layers/dense/vars/1'] = ({bias}).astype('f4')\n"
        "f.create_group('layers/flatten/vars')",
        options,
    )


HONEST = sequential(layer("Flatten"), layer("Dense", units=10, activation="softmax"))
BRIGHTEST = "9.0 * np.eye(784, 10)"
"""Weights that find the class of the hidden images here, whose pixel of that number is the brightest."""


def keras_file(config: Any = HONEST, weights: bytes | None = None, **members: Any) -> bytes:
    """A .keras file; `members` are more of them, or other ones."""
    config = config if isinstance(config, str | bytes) else json.dumps(config)
    return zipped(
        [("metadata.json", '{"keras_version": "3.15.1"}'), ("config.json", config),
         ("model.weights.h5", h5() if weights is None else weights), *members.items()]
    )  # fmt: skip


def zipped(members: list[tuple[str | zipfile.ZipInfo, str | bytes]], packed: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def honest() -> bytes:
    return keras_file(HONEST, dense(BRIGHTEST))
