"""Is a pickle that runs code when it is opened.

expect: rejected-file
because: not a zip, as a .keras file is
"""

from __future__ import annotations

import pickle

from tests.attacks.models.make import CANARY

CONTROL = """
import pickle
pickle.load(open(path, "rb"))
"""


class Canary:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, (f"({CANARY})(0)",)


def build() -> bytes:
    return pickle.dumps(Canary())
