"""Plain values as bytes: the same value comes out, and nothing else ever does."""

from __future__ import annotations

import contextlib
import math
import struct
import tracemalloc
from collections import OrderedDict, namedtuple
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from handin.wire import MAX_DEPTH, MAX_DIGITS, MAX_ITEMS, WireError, decode, encode

LIMIT = 1 << 20

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
)
text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | text
plain = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(text, inner),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Equal, of the same types, and NaN equals NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return type(value) in (list, tuple) and all(map(is_plain, value))
    if isinstance(value, dict):
        return type(value) is dict and all(type(key) is str and is_plain(item) for key, item in value.items())
    return type(value) in (type(None), bool, int, float, str, np.ndarray)


def through(value: object) -> Any:
    return decode(encode(value), LIMIT)


@given(plain)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert same(through(value), value)


@given(plain)
def test_a_value_has_one_encoding(value: Any) -> None:
    assert encode(decode(encode(value), LIMIT)) == encode(value)


@given(plain, st.data())
def test_mutated_bytes_are_refused_or_plain(value: Any, data: st.DataObject) -> None:
    good = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    bad = bytes(good[: data.draw(st.integers(0, len(good)))]) + data.draw(st.binary(max_size=8))
    with contextlib.suppress(WireError):
        assert is_plain(decode(bad, LIMIT))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_plain(data: bytes) -> None:
    for candidate in (data, b"plain1" + data):
        with contextlib.suppress(WireError):
            assert is_plain(decode(candidate, LIMIT))


@given(plain)
def test_a_value_cut_short_is_refused(value: Any) -> None:
    data = encode(value)
    for end in {0, len(data) // 2, len(data) - 1}:
        with pytest.raises(WireError):
            decode(data[:end], LIMIT)


def test_more_bytes_than_allowed_are_refused() -> None:
    with pytest.raises(WireError, match="more than the 10"):
        decode(encode("x" * 100), 10)


def test_a_value_larger_than_the_writer_allows_is_refused() -> None:
    with pytest.raises(WireError, match="too large"):
        encode(np.zeros(1000), 100)


class Color(IntEnum):
    RED = 3


class Liar(float):
    def __float__(self) -> float:
        return 1.0

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__

    def __repr__(self) -> str:
        return "1.0"


class LiarInt(int):
    def __int__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def bit_length(self) -> int:
        raise RuntimeError


class LiarStr(str):
    __slots__ = ()

    def encode(self, *args: object) -> bytes:
        return b"lie"

    def __str__(self) -> str:
        return "lie"


class LiarList(list):  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        return iter([42])

    def __len__(self) -> int:
        return 1


class LiarDict(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        return [("answer", 42)]


class LiarArray(np.ndarray):
    def tobytes(self, *args: Any) -> bytes:
        return b"lie"

    def astype(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError


class Tensor:
    """What a TensorFlow or PyTorch tensor looks like from outside."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def numpy(self) -> Any:
        return self.value


class Differentiated(Tensor):
    """As PyTorch has them: what is to be differentiated, or lies on a GPU, is not given away."""

    detached = False

    def detach(self) -> Any:
        made = type(self)(self.value)
        made.detached = True
        return made

    def cpu(self) -> Any:
        return self

    def numpy(self) -> Any:
        if not self.detached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.value


class Array:
    """As JAX has them."""

    def __array__(self) -> Any:
        return np.arange(3)


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Liar(2.5), 2.5),
        (LiarInt(7), 7),
        (LiarStr("truth"), "truth"),
        (LiarList([1, 2]), [1, 2]),
        (LiarDict(a=1), {"a": 1}),
        (np.arange(3).view(LiarArray), np.arange(3)),
        (Color.RED, 3),
        (Point(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (..., None),
        ((..., ...), (None, None)),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.int8(-3), -3),
        (np.bool_(True), True),
        (np.str_("text"), "text"),
        (np.array(2.5), 2.5),
        (np.array([1, 2], ">i4"), np.array([1, 2], "<i4")),
        (np.arange(6).reshape(2, 3).T[::-1], np.array([[2, 5], [1, 4], [0, 3]])),
        (np.ones((2, 0, 3), "f4"), np.ones((2, 0, 3), "f4")),
        (Tensor(np.arange(3)), np.arange(3)),
        (Tensor(np.float32(0.25)), 0.25),
        (Differentiated(np.arange(3)), np.arange(3)),
        (Array(), np.arange(3)),
    ],
)
def test_what_looks_like_a_plain_value_becomes_one(value: object, plain: object) -> None:
    assert same(through(value), plain)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_and_a_mapped_file_become_arrays(tmp_path: Any) -> None:
    np.save(tmp_path / "x.npy", np.arange(3))
    assert same(through(np.matrix([[1, 2]])), np.array([[1, 2]]))
    assert same(through(np.load(tmp_path / "x.npy", mmap_mode="r")), np.arange(3))


def test_an_array_is_the_callers_own() -> None:
    array = through(np.arange(3))
    array[0] = 7
    assert array.flags.owndata and array.flags.c_contiguous


class Chameleon:
    """Claims to be an int, and to equal everything."""

    __class__ = int  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Exploding:
    def numpy(self) -> Any:
        raise SystemExit("no")


class Forger(Tensor):
    class _Array(np.ndarray):
        pass

    def numpy(self) -> Any:
        return np.arange(3).view(Forger._Array)


class Meta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("not even my name")


class Nameless(metaclass=Meta):
    pass


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        Chameleon(),
        Exploding(),
        Forger(0),
        Nameless(),
        Tensor("text"),
        object(),
        print,
        {1, 2},
        1j,
        b"bytes",
        {1: "a"},
        {"a": object()},
        10**MAX_DIGITS,
        -(10 ** (10 * MAX_DIGITS)),
        "\ud800",
        cyclic(),
        nested(MAX_DEPTH + 1),
        np.array([None]),
        np.array([1j]),
        np.array(["text"]),
        np.array(["2020"], "M8[D]"),
        np.zeros(2, [("a", "i4")]),
        np.ma.array([1, 2], mask=[False, True]),
        np.ma.masked,
        np.longdouble(1),
        np.datetime64("2020"),
    ],
    ids=lambda value: type.__dict__["__name__"].__get__(type(value)),
)
def test_what_is_not_plain_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        encode(value)


def test_nesting_up_to_the_limit_travels() -> None:
    assert through(nested(MAX_DEPTH)) == nested(MAX_DEPTH)


def test_the_longest_whole_number_travels() -> None:
    assert through(-(10**MAX_DIGITS) + 1) == -(10**MAX_DIGITS) + 1


def test_too_many_items_are_refused_on_both_sides() -> None:
    with pytest.raises(WireError, match="items"):
        encode([None] * MAX_ITEMS)
    with pytest.raises(WireError, match="items"):
        decode(b"plain1l" + struct.pack("<I", MAX_ITEMS) + b"N" * MAX_ITEMS, 2 * MAX_ITEMS)


@pytest.mark.parametrize(
    "body",
    [
        b"l\xff\xff\xff\xff",
        b"d\x01\x00\x00\x00",
        b"i\x02\x00\x01\x00",
        b"i\x00\x00",
        b"s\x01\x00\x00\x00\xff",
        b"a?\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02",
        b"aO\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02",
        b"ad\x00" + bytes(8),
        b"ad\x02" + bytes(8) + b"\xff" * 8,
        b"ad\x02" + b"\xff" * 16,
        b"d\x02\x00\x00\x00" + 2 * b"\x01\x00\x00\x00aN",
        b"X",
        b"NN",
        b"",
    ],
    ids=[
        "a list announced longer than the bytes", "a dict cut off", "a padded int", "an int of no bytes", "no UTF-8",
        "a truth value of 2", "an object array", "an array without axes", "an empty array with a huge axis",
        "an array larger than any memory", "a key twice", "an unknown tag", "two values", "no value",
    ],
)  # fmt: skip
def test_bytes_that_encode_never_writes_are_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        decode(b"plain1" + body, LIMIT)


def test_deep_bytes_are_refused_before_python_runs_out_of_stack() -> None:
    with pytest.raises(WireError, match="deep"):
        decode(b"plain1" + b"l\x01\x00\x00\x00" * 100_000 + b"N", LIMIT)


def test_hostile_bytes_take_no_memory() -> None:
    lies = b"plain1l" + struct.pack("<I", 2) + b"ad\x01" + struct.pack("<Q", 1 << 40) + b"N"
    tracemalloc.start()
    with pytest.raises(WireError):
        decode(lies, LIMIT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
