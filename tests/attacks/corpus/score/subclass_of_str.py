# mypy: ignore-errors
"""Hands in a text whose class answers every question about it with a lie.

expect: answered
held-by: wire
"""


# %%
class Right(str):
    __eq__ = lambda self, other: True
    __len__ = lambda self: 1
    __hash__ = str.__hash__
    encode = lambda self, *rest: b"\xff" * 10**6


answer = Right("all of them")
