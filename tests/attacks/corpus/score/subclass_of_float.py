# mypy: ignore-errors
"""Hands in a float that equals everything, and that lies about how it is written.

expect: answered
held-by: wire
"""


# %%
class Right(float):
    __eq__ = lambda self, other: True
    __repr__ = __str__ = lambda self: "score=1"
    __hash__ = float.__hash__
    __reduce__ = lambda self: (print, ("unpickled",))


answer = Right(0)
