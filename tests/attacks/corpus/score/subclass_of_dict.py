# mypy: ignore-errors
"""Hands in a dict whose class shows other items each time it is asked.

expect: answered
held-by: wire
"""


# %%
class Right(dict):
    items = keys = __iter__ = lambda self: iter(range(10**12))
    __len__ = lambda self: 10**12


answer = Right(score=1, points=1, status="ok")
