"""Links its weights to another file of the machine.

expect: rejected-file
because: a link among its weights
"""

from __future__ import annotations

from tests.attacks.models.make import HONEST, h5, keras_file

CONTROL = """
with h5py.File("/tmp/target.h5", "w") as target:
    target["x"] = np.full(3, 7.0)
if h5py.File(weights)["layers/dense/vars/0"][0] == 7:
    os.environ["CANARY"] = "ran"
"""


def build() -> bytes:
    return keras_file(
        HONEST,
        h5("f['layers/dense/vars/0'] = h5py.ExternalLink('/tmp/target.h5', '/x')"),
    )
