"""Says it is a model of a class of its own.

expect: refused
because: Mine (mine)
"""

from __future__ import annotations

from tests.attacks.models.make import LOAD, keras_file

CONTROL = f"""
@keras.saving.register_keras_serializable("course", "Mine")
class Mine(keras.Model):
    def __init__(self, **config):
        os.environ["CANARY"] = "ran"
{LOAD}
"""


def build() -> bytes:
    return keras_file(
        {"module": "mine", "class_name": "Mine", "registered_name": "course>Mine", "config": {"name": "mine"}}
    )
