"""Backbone: MobileNetV2 with trained weights, as the files that `keras.applications` looks for before it downloads any.

Two kinds of weights, of one network. Keras' own were trained to name the pictures of ImageNet. Where they cannot be
reached, those of a detector are taken that was trained to find things in Open Images: they see about as much, and a
course should say which it has (ABOUT.txt in the pack does). Which one a pack holds is settled when it is built.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Source, from_npm, from_url, members
from autograder.errors import DataError
from handin.weights import sketch

SIZES = (224, 96, 128, 160, 192)
_NAME = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{}_no_top.h5"  # keras/src/applications/mobilenet_v2.py
_URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
_OWN = "Keras' own weights, trained on ImageNet. Apache License 2.0."
_DETECTOR = """\
From a detector trained on Open Images v4, not on ImageNet: object_detection_ssd_mobilenetv2_oidv4_fp16 of MediaPipe,
in the npm package @mediapipe/objectron 0.4.1675468480. Apache License 2.0. Its batch normalizations were folded into
the convolutions; here they do nothing but add the bias."""

Content = tuple[str, bytes, str]
"""Ending of the file, content, and what there is to say about it."""


def _own(path: Path) -> Content:
    return ".h5", path.read_bytes(), _OWN


def _from_package(path: Path) -> Content:
    name = "package/objectron_solution_packed_assets.data"
    packed = members(path, lambda member: member == name)[name]
    return ".tflite", packed[184:9987912], _DETECTOR  # as objectron_solution_packed_assets_loader.js cuts it


def _build(content: Content, kernel: Path, setting: str, rng: np.random.Generator) -> Kept:
    ending, data, about = content
    with tempfile.TemporaryDirectory() as scratch:
        source, arrays = Path(scratch) / f"source{ending}", Path(scratch) / "arrays.npz"
        source.write_bytes(data)
        first, *others = (kernel / _NAME.format(size) for size in SIZES)
        _convert(source, first, arrays)
        with np.load(arrays, allow_pickle=False) as named:
            facts = {name: _fact(named[name]) for name in named.files}
    for other in others:  # the network is convolutions only: its weights fit images of any size
        other.symlink_to(first.name)
    (kernel / "ABOUT.txt").write_text(f"MobileNetV2 without its top, alpha 1.0.\n{about}\n")
    return Kept(facts=facts)


def _fact(array: Any) -> dict[str, Any]:
    return {"shape": list(array.shape), "sketch": sketch(array)}


def _convert(source: Path, weights: Path, arrays: Path) -> None:
    """Run our program with the kernel's Python: TensorFlow is there, and nowhere else."""
    root = Path(__file__).resolve().parents[2]
    python = Path(os.environ.get("AUTOGRADER_KERNEL_ENV") or root / ".kernel") / "bin" / "python"
    program = Path(__file__).parent / "inside" / "backbone.py"
    home = str(arrays.parent)
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": home, "KERAS_HOME": home, "KERAS_BACKEND": "tensorflow",
                   "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}  # fmt: skip
    try:
        subprocess.run(
            [python, "-I", "-B", program, source, weights, arrays],
            env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
    except FileNotFoundError:
        raise DataError(f"There is no Python at {python}, which is to read the weights. Run `make setup`.") from None
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip().splitlines()
        raise DataError(f"MobileNetV2's weights could not be read ({said[-1] if said else error}).") from error


def weights() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield names and shapes of all weights of the network, in its order."""

    def convolution(name: str, normalization: str, *shape: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"{name}/kernel", shape
        channels = shape[2] if name.endswith("depthwise") else shape[3]
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            yield f"{normalization}/{part}", (channels,)

    yield from convolution("Conv1", "bn_Conv1", 3, 3, 3, 32)
    before, block = 32, 0
    # Table 2 of Sandler et al., arXiv:1801.04381: expansion, channels, how often
    for expansion, channels, often in (
        (1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1),
    ):  # fmt: skip
        for _ in range(often):
            name, wide = f"block_{block}" if block else "expanded_conv", before * expansion
            if block:
                yield from convolution(f"{name}_expand", f"{name}_expand_BN", 1, 1, before, wide)
            yield from convolution(f"{name}_depthwise", f"{name}_depthwise_BN", 3, 3, wide, 1)
            yield from convolution(f"{name}_project", f"{name}_project_BN", 1, 1, wide, channels)
            before, block = channels, block + 1
    yield from convolution("Conv_1", "Conv_1_bn", 1, 1, 320, 1280)


def _stand_in(setting: str) -> Kept:
    rng = np.random.default_rng(0)
    facts: Mapping[str, Any] = {name: _fact(rng.normal(0, 0.1, shape)) for name, shape in weights()}
    return Kept(facts=facts)


BACKBONE = Dataset(
    "MobileNetV2",
    1,
    _build,
    _stand_in,
    (
        # Its publisher names no sha256; a file that does not fit the network is refused when the pack is built.
        Source(
            _NAME.format(96),
            "",
            "storage.googleapis.com (Keras' own)",
            from_url(_URL + _NAME.format(96)),
            _own,
            begins=b"\x89HDF\r\n\x1a\n",
        ),
        Source(
            "mediapipe-objectron-0.4.1675468480.tgz",
            "fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
            "the npm registry (@mediapipe/objectron 0.4.1675468480)",
            from_npm("@mediapipe/objectron@0.4.1675468480"),
            _from_package,
        ),
    ),
)
