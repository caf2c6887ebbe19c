"""Has one name of four million letters, with one that makes each of them four bytes wide.

As text in memory it is four times its size, and once more as a name.

expect: rejected-file
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file


def build() -> bytes:
    return keras_file('{"class_name": "' + "a" * (4 * 2**20 - 100) + '\U0001f600"}')
