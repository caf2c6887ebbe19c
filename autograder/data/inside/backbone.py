"""Make Keras' weight file of MobileNetV2 from what was downloaded: python backbone.py SOURCE WEIGHTS.h5 ARRAYS.npz

SOURCE is a weight file of Keras' own (.h5), or an object detector in TensorFlow Lite whose first 52 convolutions are
those of MobileNetV2 (.tflite). ARRAYS.npz gets every weight under "layer/weight".
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

PREFIX = "FeatureExtractor/MobilenetV2/"


def from_detector(model: Any, content: bytes) -> None:
    """Set the weights from a detector whose batch normalizations were folded into its convolutions.

    What is left of a normalization is a bias. It becomes beta, and the rest of ours such that it changes nothing.
    """
    arrays = _convolutions(content)
    for layer in model.layers:
        if not isinstance(layer, keras.layers.BatchNormalization):
            continue
        place = _place(layer.name)
        kernel, bias = arrays[place, 4], arrays[place, 1]
        # From (out, height, width, in), or of a depthwise convolution (1, height, width, channels).
        model.get_layer(_convolution(layer.name)).set_weights([kernel.transpose((1, 2, 3, 0))])
        ones = np.ones_like(bias)
        layer.set_weights([ones, bias, 0 * ones, (1 - layer.epsilon) * ones])


def _convolutions(content: bytes) -> dict[tuple[str, int], np.ndarray[Any, Any]]:
    """Kernels (4 axes) and biases (1 axis), by the place of their convolution."""
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the interpreter is to move into a package of its own
        interpreter = tf.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
    found = {}
    for tensor in interpreter.get_tensor_details():
        first = tensor["name"].split(";")[0]  # of all operations that were folded into one
        if tensor["dtype"] == np.float16 and first.startswith(PREFIX):
            place = first.removeprefix(PREFIX).removesuffix("_dequantize").rpartition("/")[0].removesuffix("/BatchNorm")
            found[place, len(tensor["shape"])] = interpreter.get_tensor(tensor["index"]).astype(np.float32)
    return found


def _convolution(normalization: str) -> str:
    """The name of the convolution before a batch normalization."""
    return {"bn_Conv1": "Conv1", "Conv_1_bn": "Conv_1"}.get(normalization, normalization.removesuffix("_BN"))


def _place(normalization: str) -> str:
    """What the detector calls it: block_3_expand_BN is expanded_conv_3/expand."""
    name = _convolution(normalization)
    if name in ("Conv1", "Conv_1"):
        return {"Conv1": "Conv", "Conv_1": "Conv_1"}[name]
    block, _, part = name.rpartition("_")
    return f"{block.replace('block_', 'expanded_conv_')}/{part}"


def main(source: Path, weights: Path, arrays: Path) -> None:
    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
    if source.suffix == ".tflite":
        from_detector(model, source.read_bytes())
    else:
        model.load_weights(source)  # raises where the shapes are not those of this network
    with h5py.File(weights, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    named = {f"{layer.name}/{weight.name}": np.asarray(weight) for layer in model.layers for weight in layer.weights}
    np.savez(arrays, **named)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
