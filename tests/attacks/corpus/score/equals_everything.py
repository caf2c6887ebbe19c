# mypy: ignore-errors
"""Hands in an object that equals, and is as large as, whatever it is compared with.

expect: no-answer
held-by: wire
"""


# %%
class Right:
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __contains__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 0
    __float__ = lambda self: 1.0
    __int__ = __index__ = lambda self: 1
    __sub__ = __rsub__ = __abs__ = lambda self, *other: self


answer = Right()
