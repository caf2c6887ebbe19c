"""Which layers a model may consist of, found from its description alone: no model is opened to judge it.

An allow-list: standard layers of Keras that run no code but Keras's own. Everything that a model's description names
(layers, activations, initializers, regularizers, constraints, types) must be on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handin.words import N_, _

MAX_DEPTH = 100
MAX_NODES = 500_000
MAX_REFUSALS = 20


@dataclass(frozen=True)
class Refusal:
    """One thing that is not taken: the name of its layer, its class, and how to say it in standard layers."""

    layer: str
    cls: str
    help: str


def refused(config: Mapping[str, Any]) -> list[Refusal]:
    """Return what is not on the allow-list, at most MAX_REFUSALS of it; nothing means that the model may be opened.

    config is the content of a .keras file's config.json, json.loads(model.to_json()), or model.get_config() of a
    Sequential or Functional model. Never raises, whatever the content.
    """
    if not isinstance(config, Mapping) or ("class_name" not in config and not _described(config)):
        name = _text(config.get("name")) if isinstance(config, Mapping) else ""
        return [Refusal(name, "Model", _(_SUBCLASS))]
    found: dict[tuple[str, str], Refusal] = {}
    for refusal in _walk(config):
        found.setdefault((refusal.layer, refusal.cls), refusal)
        if len(found) == MAX_REFUSALS:
            break
    return list(found.values())


def _described(config: Mapping[Any, Any]) -> bool:
    return isinstance(config.get("layers"), list | tuple)


def _walk(config: Mapping[str, Any]) -> Iterator[Refusal]:
    """Visit everything, without recursion: hostile nesting must not reach Python's own limit."""
    waiting: list[tuple[Any, str, int]] = [(config, "", 0)]
    seen = 0
    while waiting:
        node, layer, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            yield Refusal(layer, "model", _("This model is nested too deeply, or too large to be looked through."))
            return
        if isinstance(node, Mapping):
            layer = _own_name(node) or layer
            if "class_name" in node and (refusal := _check_object(node, layer)):
                yield refusal
                continue  # what lies within goes with it
            yield from _check_names(node, layer)
            # How a model was compiled is not read when it is opened for predictions.
            children = [value for key, value in node.items() if key != "compile_config"]
        elif isinstance(node, list | tuple):
            children = list(node)
        else:
            continue
        # Last in, first out: reversed, so that layers are reported in their order.
        waiting += [
            (child, layer, depth + 1) for child in reversed(children) if isinstance(child, Mapping | list | tuple)
        ]


def _own_name(node: Mapping[Any, Any]) -> str:
    """The name of the layer that a description is of, "" if it is of something inside a layer."""
    config = node.get("config")
    if _family(node.get("module")) not in ("layers", "models", "ops", "", None) or not isinstance(config, Mapping):
        return ""
    return _text(config.get("name")) or _text(node.get("name"))


def _check_object(node: Mapping[Any, Any], layer: str) -> Refusal | None:
    cls, module, registered = node["class_name"], node.get("module"), node.get("registered_name")
    if isinstance(cls, str) and "module" not in node and cls in _VALUES:
        return None
    family = _family(module)
    known = isinstance(cls, str) and family is not None and cls in _CLASSES.get(family, frozenset())
    # A registered name is looked up first, so it must say the same as the class.
    if not known or registered not in (None, cls):
        return Refusal(layer, _text(cls), _help(_text(cls), family, node))
    if cls in _CONTAINERS and not (isinstance(node.get("config"), Mapping) and _described(node["config"])):
        return Refusal(layer, _text(cls), _(_SUBCLASS))
    return None


def _check_names(node: Mapping[Any, Any], layer: str) -> Iterator[Refusal]:
    """Activations and the like are given by name, or as an object that is checked by itself."""
    for key, value in node.items():
        if value is None or not isinstance(key, str):
            continue
        if key == "function":
            yield Refusal(layer, "Lambda", _(_LAMBDA))
        for ending, names in _NAMES.items():
            if not (key == ending or key.endswith(f"_{ending}")):
                continue
            if isinstance(value, str) and value in names:
                continue
            if not isinstance(value, Mapping) or "class_name" not in value:
                told = _('Give the {part} by its name, such as {part}="{example}".')
                yield Refusal(layer, _text(value) or "function", told.format(part=ending, example=_EXAMPLE[ending]))


def _family(module: object) -> str | None:
    """layers for keras.layers and keras.src.layers.core.dense; "" for keras itself; None for what is not Keras."""
    if not isinstance(module, str):
        return None
    parts = module.split(".")
    if parts[0] != "keras":
        return None
    parts = parts[2:] if parts[1:2] == ["src"] else parts[1:]
    return parts[0] if parts else ""


def _text(value: object) -> str:
    """A name that is shown to people: short, and of one line."""
    if type(value) is not str:
        return ""
    return "".join(c if c.isprintable() else "?" for c in value[:60])


def _help(cls: str, family: str | None, node: Mapping[Any, Any]) -> str:
    if cls in _HELP:
        return _(_HELP[cls])
    config = node.get("config")
    if (
        family is None
        and isinstance(config, Mapping)
        and ("layers" in config or node.get("compile_config") is not None)
    ):
        return _(_SUBCLASS)
    if family is None:
        return _(_CUSTOM)
    if family == "ops":
        return _("Use the layer that does the same, such as layers.Add, layers.Concatenate or layers.Reshape.")
    return _("This part of Keras is not needed here. Use a standard layer, such as Dense, Conv2D or MaxPooling2D.")


_SUBCLASS = N_(
    "A subclass of keras.Model brings code of its own. Build the model with keras.Sequential([...]), or with the "
    "functional API: inputs = keras.Input(...); outputs = ...(inputs); keras.Model(inputs, outputs)."
)
_CUSTOM = N_(
    "This is not one of Keras's own classes. A model is opened where your code is not, so build it from standard "
    "layers: a block of your own can be a Python function that calls standard layers in the functional API."
)
_FOREIGN = N_("A layer that wraps another framework can't be opened here. Build the same from standard Keras layers.")
_WORDS = N_("Layers for text and categories are not needed here. Prepare the data before it enters the model.")
_BY_NAME = N_('Give the function by its name, such as activation="relu".')
_LAMBDA = N_(
    "A Lambda layer holds Python code. Standard layers say the same: "
    "Lambda(lambda x: x / 255) is Rescaling(1 / 255), a function such as relu is "
    "Activation(...), a new shape is Reshape(...), a sum is Add()."
)
_HELP = {
    "Lambda": _LAMBDA,
    "__lambda__": _BY_NAME,
    "function": _BY_NAME,
    **dict.fromkeys(["TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"], _FOREIGN),
    **dict.fromkeys(
        ["TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing", "CategoryEncoding"], _WORDS
    ),
}


def _each(names: str) -> frozenset[str]:
    return frozenset(
        whole
        for name in names.split()
        for whole in ([name.replace("#", str(axes)) for axes in (1, 2, 3)] if "#" in name else [name])
    )


# 1, 2 and 3 for #. Left out on purpose: what runs code of its own (Lambda, the wrappers of other frameworks), what
# reads files (the lookups of words), and what is an abstract base.
_LAYERS = _each(
    "InputLayer Dense EinsumDense Embedding Masking Identity Activation ActivityRegularization "
    "Conv#D Convolution#D Conv#DTranspose Convolution#DTranspose DepthwiseConv1D DepthwiseConv2D "
    "SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D "
    "MaxPooling#D MaxPool#D AveragePooling#D AvgPool#D GlobalMaxPooling#D GlobalMaxPool#D "
    "GlobalAveragePooling#D GlobalAvgPool#D AdaptiveAveragePooling#D AdaptiveMaxPooling#D "
    "BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization SpectralNormalization "
    "Dropout SpatialDropout#D AlphaDropout GaussianDropout GaussianNoise "
    "ReLU LeakyReLU PReLU ELU Softmax "
    "Flatten Reshape Permute RepeatVector ZeroPadding#D Cropping#D UpSampling#D "
    "Add Subtract Multiply Average Maximum Minimum Concatenate Dot "
    "Rescaling Normalization Resizing CenterCrop "
    "RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform "
    "RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective "
    "RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom "
    "AutoContrast Equalization Solarization "
    "LSTM GRU SimpleRNN LSTMCell GRUCell SimpleRNNCell RNN StackedRNNCells ConvLSTM#D Bidirectional TimeDistributed "
    "Attention AdditiveAttention MultiHeadAttention GroupQueryAttention"
)
_CONTAINERS = frozenset({"Sequential", "Functional"})
_ACTIVATIONS = _each(
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign "
    "sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold"
)
_INITIALIZERS = _each(
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform Ones "
    "Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros"
)
_REGULARIZERS = _each("L1 L2 L1L2 OrthogonalRegularizer")
_CONSTRAINTS = _each("MaxNorm MinMaxNorm NonNeg UnitNorm")
# What plain Python does to a tensor: x + y, x / 2, x[:, 0], keras.ops.mean(x).
_OPS = _each(
    "Add Subtract Multiply Divide TrueDivide Power Negative Absolute Square Sqrt Exp Log Maximum Minimum Clip Mean Max "
    "Min Sum Concatenate Stack Reshape Transpose Squeeze ExpandDims GetItem Matmul Pad Relu Relu6 Sigmoid Softmax "
    "LogSoftmax Tanh Silu Swish Gelu Elu Selu Softplus LeakyRelu HardSigmoid HardSilu"
)
_CLASSES = {
    "layers": _LAYERS,
    "": frozenset({*_CONTAINERS, "DTypePolicy"}),
    "models": _CONTAINERS,
    "dtype_policies": frozenset({"DTypePolicy"}),
    "initializers": _INITIALIZERS,
    "regularizers": _REGULARIZERS,
    "constraints": _CONSTRAINTS,
    "activations": frozenset({"ReLU"}),
    "ops": _OPS,
}
_VALUES = frozenset({"__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__", "__tuple__"})


def _snake(names: frozenset[str]) -> frozenset[str]:
    """The names that Keras also takes as text: he_normal for HeNormal, l1_l2 for L1L2."""
    snakes = {"".join("_" * (i > 0 and c.isupper()) + c.lower() for i, c in enumerate(name)) for name in names}
    return names | snakes | {name.lower() for name in names}


_NAMES = {
    "activation": _ACTIVATIONS,
    "initializer": _snake(_INITIALIZERS),
    "regularizer": _snake(_REGULARIZERS),
    "constraint": _snake(_CONSTRAINTS),
}
_EXAMPLE = {"activation": "relu", "initializer": "he_normal", "regularizer": "l2", "constraint": "max_norm"}
