"""Has its weights put together from another file of the machine.

expect: rejected-file
because: weights that lie elsewhere, or are packed
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file

CONTROL = """
with h5py.File("/tmp/target.h5", "w") as target:
    target["x"] = np.full(3, 7.0)
if h5py.File(weights)["layers/dense/vars/0"][0] == 7:
    os.environ["CANARY"] = "ran"
"""

WEIGHTS = """
v = h5py.VirtualLayout((3,), 'f8')
v[:] = h5py.VirtualSource('/tmp/target.h5', 'x', (3,))
f.create_virtual_dataset('layers/dense/vars/0', v)
"""


def build() -> bytes:
    return keras_file(HONEST, h5(WEIGHTS))
