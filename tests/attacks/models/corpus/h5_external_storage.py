"""Keeps the numbers of its weights in another file of the machine.

expect: rejected-file
because: weights that lie elsewhere, or are packed
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file

CONTROL = """
if bytes(h5py.File(weights)["layers/dense/vars/0"][:]) == open("/etc/passwd", "rb").read(4):
    os.environ["CANARY"] = "ran"
"""


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f.create_dataset('layers/dense/vars/0', (4,), 'u1', external=[('/etc/passwd', 0, 4)])"),
    )
