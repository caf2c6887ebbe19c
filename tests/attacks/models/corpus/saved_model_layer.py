"""Runs the graph of a SavedModel that lies somewhere on the machine.

expect: refused
because: TFSMLayer (tfsmlayer)
"""

from __future__ import annotations

from tests.attacks.models.make import keras_file, layer, sequential

CONTROL = """
import tensorflow as tf
class Saved(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28])])
    def __call__(self, x):
        with tf.control_dependencies([tf.io.write_file("/tmp/canary", "ran")]):
            return tf.identity(x)
tf.saved_model.save(Saved(), "/tmp/saved")
model = keras.saving.load_model(path, safe_mode=False)
model.predict_on_batch(np.zeros((1, 28, 28), "float32"))
os.environ["CANARY"] = open("/tmp/canary").read()
"""


def build() -> bytes:
    return keras_file(sequential(layer("TFSMLayer", filepath="/tmp/saved", call_endpoint="__call__")))
