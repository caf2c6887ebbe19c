"""What can be said of a model in plain values: its layers, how they are joined, and a sketch of their weights."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from handin import weights

LAYERS = 1000
# Of a layer's settings, those that an exercise may ask for.
SETTINGS = (
    "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "depth_multiplier", "use_bias", "units",
    "activation", "pool_size", "size", "interpolation", "rate", "axis", "target_shape", "scale", "offset", "factor",
    "mode", "max_value", "negative_slope", "keepdims", "momentum", "epsilon",
)  # fmt: skip


def facts(model: Any, config: dict[str, Any]) -> dict[str, Any]:
    """config: the model's own description, as its file holds it."""
    return {
        "parameters": int(model.count_params()),
        "input_shape": shape(model.inputs[0].shape),
        "output_shape": shape(model.outputs[0].shape),
        "layers": _layers(model, config),
    }


def shape(sizes: Any) -> list[int | None]:
    return [None if size is None else int(size) for size in sizes]


def _layers(model: Any, config: dict[str, Any]) -> list[dict[str, Any]]:
    """Models inside a model are taken apart: their layers stand in its place, joined as they are there."""
    read, held = {}, dict(_named(model, ""))
    for name, sources in _edges(config, "", [])[0]:
        read[name] = sources
    return [_layer(name, layer, read.get(name, [])) for name, layer in list(held.items())[:LAYERS]]


def _named(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    # An operation such as x + y is no layer to Keras, but it is a step like any other.
    for layer in getattr(model, "operations", None) or model.layers:
        if hasattr(layer, "layers"):
            yield from _named(layer, f"{prefix}{layer.name}/")
        else:
            yield f"{prefix}{layer.name}", layer


def _layer(name: str, layer: Any, sources: list[str]) -> dict[str, Any]:
    try:
        made = shape(layer.output.shape)
    except Exception:  # more than one output, or used in several places
        made = []
    own = [
        {"name": f"{layer.name}/{w.name}", "shape": shape(w.shape), "sketch": weights.sketch(w)}
        for w in getattr(layer, "weights", [])
    ]
    return {
        "name": name, "class": type(layer).__name__, "parameters": int(layer.count_params()) if own else 0,
        "trainable": bool(getattr(layer, "trainable", True)), "output_shape": made, "from": sources,
        "config": _settings(layer), "weights": own,
    }  # fmt: skip


def _settings(layer: Any) -> dict[str, Any]:
    try:
        config = layer.get_config()
    except Exception:  # an operation such as x + y has none
        return {}
    found = {}
    for name in SETTINGS:
        value = config.get(name)
        if isinstance(value, dict):  # an activation given as a layer
            value = str(value.get("class_name"))
        if isinstance(value, list | tuple):
            value = [item if isinstance(item, int | str) else None for item in value[:8]]
        if isinstance(value, bool | int | str | list) or (isinstance(value, float) and isfinite(value)):
            found[name] = value
    return found


def _edges(config: dict[str, Any], prefix: str, feeds: list[str]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Return what each layer reads, and the layers that the whole is read from.

    feeds: what the whole reads, where it stands inside another model.
    """
    inner = config.get("config", {})
    sequential = config.get("class_name") == "Sequential"
    ends: dict[str, list[str]] = {}  # by own name: the layers to read for it
    edges: list[tuple[str, list[str]]] = []
    last = feeds
    for layer in inner.get("layers", []):
        own = layer.get("config", {}).get("name") or layer.get("name", "")
        if sequential and layer.get("class_name") == "InputLayer":
            continue  # Keras does not count it among the layers of a Sequential
        if sequential:
            sources = last
        elif layer.get("class_name") == "InputLayer":
            sources = feeds
        else:
            sources = [end for source in _history(layer.get("inbound_nodes", [])) for end in ends.get(source, [])]
        if isinstance(layer.get("config"), dict) and "layers" in layer["config"]:
            within, ends[own] = _edges(layer, f"{prefix}{own}/", sources)
            edges += within
        else:
            edges.append((f"{prefix}{own}", sources))
            ends[own] = [f"{prefix}{own}"]
        last = ends[own]
    if sequential:
        return edges, last
    return edges, [end for source in _outputs(inner.get("output_layers", [])) for end in ends.get(source, [])]


def _history(nodes: Any) -> Iterator[str]:
    """The names of the layers whose outputs a call was given, wherever in its arguments they stand."""
    waiting = [nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            held = node.get("config")
            if node.get("class_name") == "__keras_tensor__" and isinstance(held, dict):
                yield str(held.get("keras_history", [""])[0])
                continue
            waiting += reversed(list(node.values()))
        elif isinstance(node, list):
            waiting += reversed(node)


def _outputs(listed: Any) -> Iterator[str]:
    if isinstance(listed, list) and listed and isinstance(listed[0], str):
        yield listed[0]
    elif isinstance(listed, list | dict):
        for item in listed.values() if isinstance(listed, dict) else listed:
            yield from _outputs(item)
