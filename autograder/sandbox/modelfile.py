"""What can be said of a .keras file without opening it as a model: a zip, a description in JSON, a file of weights.

The description is read as JSON and compared with an allow-list; the weights are not looked into here.
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from handin import layers

END = struct.Struct("<4sHHHHIIH")  # a zip's last bytes, where it has no comment
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
JSON_CAP = 4 * 2**20
VALUES = 400_000  # in the description; many small ones would take far more memory than their text, objects most
RATIO = 50  # unpacked to packed; Keras itself does not pack at all
SIZES = ("units", "filters", "output_dim", "input_dim", "key_dim", "value_dim", "num_heads")


class RefusedError(Exception):
    """The file is not taken. The text starts with one of the words layers, parameters, file."""


def inspect(file: BinaryIO, model_mb: int, max_parameters: int | None) -> None:
    """Raise RefusedError unless the file may be opened in a sandbox."""
    config = _config(file, model_mb * 2**20, max_parameters)
    refusals = layers.refused(config)
    if refusals:
        named = ", ".join(f"{r.cls} ({r.layer})" if r.layer else r.cls for r in refusals[:5])
        raise RefusedError(f"layers: {named}")
    if max_parameters is not None:
        for name, size in _sizes(config):
            if size > max_parameters:  # each has at least one parameter for every unit, filter or row
                raise RefusedError(f"parameters: {name} is {size}, more than {max_parameters}")


def _end(file: BinaryIO) -> None:
    """Refuse a directory of millions of members before zipfile makes an object of each."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END.size - 20))
    last = file.read()
    if len(last) < END.size or last[-END.size :][:4] != b"PK\5\6" or last[:4] == b"PK\6\7":
        raise RefusedError("file: not a zip, as a .keras file is")
    members, directory = END.unpack(last[-END.size :])[4:6]
    if members != len(MEMBERS) or directory > 1024:
        raise RefusedError("file: not the members of a Keras model")


def _config(file: BinaryIO, cap: int, max_parameters: int | None) -> Mapping[str, Any]:
    _end(file)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if sorted(names) != sorted(MEMBERS):
                odd = sorted(set(names) - MEMBERS) or sorted(MEMBERS - set(names)) or ["a member twice"]
                raise RefusedError(f"file: not the members of a Keras model: {', '.join(map(ascii, odd[:3]))}"[:200])
            sizes = {member.filename: member.file_size for member in members}
            for member in members:
                if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise RefusedError("file: packed in a way that Keras does not")
                if member.file_size > RATIO * max(member.compress_size, 1024):
                    raise RefusedError("file: unpacks to far more than it is")
            if sum(sizes.values()) > cap or sizes["config.json"] > JSON_CAP or sizes["metadata.json"] > JSON_CAP:
                raise RefusedError("file: too large")
            # Weights are stored plainly, in at most eight bytes each.
            if max_parameters is not None and sizes["model.weights.h5"] > 8 * max_parameters + JSON_CAP:
                raise RefusedError(
                    f"parameters: weights of {sizes['model.weights.h5']} bytes > {max_parameters} parameters"
                )
            with archive.open("config.json") as member_file:
                text = member_file.read(JSON_CAP + 1)
            # Keras writes ASCII. One letter beyond it makes all of the text four times as large.
            if not text.isascii() or text.count(b",") + text.count(b"[") + 4 * text.count(b"{") > VALUES:
                raise RefusedError("file: its description is too long")
            config = json.loads(text)
    except RefusedError:
        raise
    except (ValueError, RecursionError) as error:
        raise RefusedError("file: its description is no JSON") from error
    except Exception as error:  # zipfile raises many things over hostile bytes
        raise RefusedError("file: not a zip, as a .keras file is") from error
    if not isinstance(config, dict):
        raise RefusedError("file: its description is no model")
    return config


def _sizes(config: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The declared widths of layers, wherever they stand."""
    waiting: list[Any] = [config]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for name in SIZES:
                value = node.get(name)
                if isinstance(value, int) and not isinstance(value, bool):
                    yield name, value
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
