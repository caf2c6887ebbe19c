"""Looks at each image 600,000 times, one look after the other.

expect: time-limit
"""

from __future__ import annotations

from tests.attacks.models.make import h5, keras_file, layer, sequential

SECONDS = 8
NAMES = ("simple_rnn", "simple_rnn_1", "simple_rnn_2", "simple_rnn_3")


def build() -> bytes:
    looks = [
        described
        for name in NAMES
        for described in (
            layer("RepeatVector", name=f"repeat_{name}", n=150_000),
            layer("SimpleRNN", name=name, units=1),
        )
    ]
    lines = ["f['layers/dense/vars/0'] = np.ones((784, 1), 'f4'); f['layers/dense/vars/1'] = np.ones(1, 'f4')"]
    for name in NAMES:
        for number, shape in enumerate(((1, 1), (1, 1), (1,))):
            lines.append(f"f['layers/{name}/cell/vars/{number}'] = np.ones({shape}, 'f4')")
    return keras_file(sequential(layer("Flatten"), layer("Dense", units=1), *looks), h5("\n".join(lines)))
