"""Has Keras write a picture: a function of keras.utils as an activation.

expect: refused
because: function (dense)
"""

from __future__ import annotations

from tests.attacks.models.make import BRIGHTEST, LOAD, dense, function, keras_file, layer, sequential

CONTROL = f"""
try:
    {LOAD}.predict_on_batch(np.zeros((1, 28, 28)))
except AttributeError as error:  # it was called, and asks what it was given whether that is built
    os.environ["CANARY"] = "ran" if "no attribute 'built'" in str(error) else ""
"""


def build() -> bytes:
    described = sequential(layer("Flatten"), layer("Dense", units=10, activation=function("plot_model", "keras.utils")))
    return keras_file(described, dense(BRIGHTEST))
