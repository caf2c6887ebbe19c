"""What may come out of a sandbox in which somebody tries everything, and what no checker may fall for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from autograder.types import Evidence, Status


class EqualsAll(float):
    """A number that says yes to every comparison."""

    def __eq__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return True

    __le__ = __gt__ = __ge__ = __lt__

    def __hash__(self) -> int:
        return 0

    def __sub__(self, other: object) -> Any:
        return 0.0

    __rsub__ = __sub__


class Raises:
    """An object that raises whenever it is looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("looked at")

    def __repr__(self) -> str:
        raise RuntimeError("shown")


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


VALUES: Mapping[str, Any] = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "minus zero": -0.0,
    "true": True,
    "text 81": "81",
    "object": object(),
    "equal to everything": EqualsAll(3.0),
    "raises when looked at": Raises(),
    "huge integer": 10**5000,
    "huge negative integer": -(10**5000),
    "smallest float": 5e-324,
    "largest float": 1.7976931348623157e308,
    "a million nines": "9" * 1_000_000,
    "huge exponent": "1e999999999",
    "power tower": "9**9**9",
    "lone surrogate": "\ud800",
    "nul": "\0",
    "markup": "<script>alert(1)</script>",
    "code": "__import__('os').system('true')",
    "bytes": b"\x80\x04.",
    "complex": 1j,
    "set": {1, 2},
    "function": print,
    "dict": {"score": 1.0},
    "dict of texts": {"score": "full"},
    "dict of objects": {"a": EqualsAll(1.0), "b": Raises()},
    "dict of numbers": {1: 2, None: "a"},
    "long dict": {str(n): "a" for n in range(100_000)},
    "deep list": deep(10_000),
    "long list": [0] * 200_000,
    "many texts": ["parameters"] * 5000,
    "list of lists": [[1, 2, 3]],
    "list of nan": [float("nan")] * 3,
    "list of truth": [True, True, True],
    "nothing in a tuple": (None, None, None, None),
    "huge numbers": (10**400, 10**400, 10**400),
    "objects": np.array([object(), EqualsAll(1.0)], dtype=object),
    "complex array": np.ones(3, dtype=complex),
    "dates": np.array(["2026-01-01"], dtype="datetime64[D]"),
    "records": np.zeros(3, dtype=[("a", "f4")]),
    "no rows": np.zeros((0, 10), dtype=np.float32),
    "no axes": np.array(3.0),
    "many axes": np.zeros((1,) * 30),
    "nan array": np.full((5000, 10), np.nan, dtype=np.float32),
    "infinite array": np.full((5000, 10), np.inf, dtype=np.float32),
    "wrong shape": np.zeros((3, 7, 2), dtype=np.float32),
    "wrong dtype": np.zeros((5000, 10), dtype=np.int8),
}


def evidence(right: Evidence) -> Iterator[tuple[str, Evidence]]:
    """Yield forged evidence, made from that of a right answer so that it answers the right question."""
    if right.value is None and not right.calls:  # nothing but facts of a model were asked for
        yield from _facts(right)
        return
    for name, value in VALUES.items():
        yield name, replace(right, value=value, calls=())
        yield (
            f"{name}, for each call",
            replace(right, value=None, calls=tuple(Evidence("ok", value) for _ in right.calls)),
        )
    for status in get_args(Status):
        if status != "ok":
            yield f"{status}, with the right value", replace(right, status=status)
    yield "unknown status", replace(right, status="passed")  # type: ignore[arg-type]
    yield "no value", replace(right, value=None, calls=())
    yield "hostile detail", replace(right, status="raised", detail="<b>\0" + "x" * 100_000, value=None)
    yield (
        "forged facts",
        replace(
            right,
            value=None,
            calls=(),
            facts={"score": 1.0, "parameters": "none", "layers": object(), "history": deep(500)},
        ),
    )
    if right.calls:
        secret = tuple(Evidence("raised", detail="Secret: 1") for _ in right.calls)
        yield "one call too few", replace(right, calls=right.calls[:-1])
        yield "calls within calls", replace(right, calls=tuple(Evidence("ok", calls=right.calls) for _ in right.calls))
        yield (
            "all calls raise",
            replace(right, calls=secret),
        )


def _facts(right: Evidence) -> Iterator[tuple[str, Evidence]]:
    for name, value in VALUES.items():
        yield f"{name} for layers", replace(right, facts={**right.facts, "layers": value})
        yield f"{name} for each layer", replace(right, facts={**right.facts, "layers": [value] * 3})
        strange = dict.fromkeys(("name", "class", "parameters", "output_shape", "from", "config", "weights"), value)
        yield f"{name} in a layer", replace(right, facts={"layers": [strange], "parameters": value})
    for status in get_args(Status):
        if status != "ok":
            yield f"{status}, with the right facts", replace(right, status=status)
    yield "no facts", replace(right, facts={})
