# mypy: ignore-errors
"""Use generators, classes, matching, and what Python keeps for functional work."""

# %%
import functools
import itertools
from abc import ABC, abstractmethod
from enum import Enum


class Shape(ABC):
    @abstractmethod
    def area(self): ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Colour(Enum):
    RED = 1


def numbers():
    received = yield 1
    while True:
        received = yield received * 2


@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


made = numbers()
sent = [next(made), made.send(5), made.send(7)]
match {"kind": "square", "side": 3}:
    case {"kind": "square", "side": side}:
        area = Square(side).area()

# %%
hand_in(
    "work", "value", "v", [sent, area, fibonacci(80), Colour.RED.name, list(itertools.islice(itertools.count(5, 5), 3))]
)
