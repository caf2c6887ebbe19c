"""Plain values as bytes: how an answer leaves a notebook, and how a hidden input comes in.

A value is a tag and what belongs to it, all numbers little-endian:

    N T F            None, True, False
    i u16 bytes      int, two's complement in as few bytes as it takes
    f 8 bytes        float (NaN and the infinities are floats like any other)
    s u32 bytes      str in UTF-8
    l u32 items      list          t u32 items  tuple
    d u32 pairs      dict, its keys without the tag "s"
    a 1 u8 u64.. ..  array: letter of the type, number of axes, shape, elements in C order

Nothing is ever evaluated or unpickled, every length is checked against the bytes that are there before memory is
taken, and a value has exactly one encoding.
"""

from __future__ import annotations

import math
import struct
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from handin.words import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

Plain: TypeAlias = "bool | int | float | str | list[Plain] | tuple[Plain, ...] | dict[str, Plain] | NDArray[Any] | None"

MAX_DEPTH = 32
MAX_ITEMS = 200_000
MAX_DIGITS = 4_300  # the most that Python itself turns into text
MAX_AXES = 32

_MAGIC = b"plain1"
_TOO_LONG = 10**MAX_DIGITS
_DTYPES = {
    b"?": "|b1", b"b": "|i1", b"h": "<i2", b"i": "<i4", b"q": "<i8", b"B": "|u1", b"H": "<u2", b"I": "<u4",
    b"Q": "<u8", b"e": "<f2", b"f": "<f4", b"d": "<f8",
}  # fmt: skip
_LETTERS = {name: letter for letter, name in _DTYPES.items()}


class WireError(Exception):
    """The value is not plain, or the bytes are not the encoding of a plain value."""


def encode(value: object, limit: int | None = None) -> bytes:
    """Return the bytes of a plain value; raise WireError for anything else, and above `limit` bytes.

    NumPy scalars and arrays without axes become Python's own; subclasses become their base, read by the base's own
    methods, so that nothing which a student's class overrides takes part. Tensors and data frames become arrays. The
    `...` of a starter that was left as it came becomes None: there is no answer in either.
    """
    writer = _Writer(sys.maxsize if limit is None else limit)
    try:
        writer.put(_MAGIC)
        writer.value(value, 0)
    except WireError:
        raise
    except (Exception, SystemExit) as error:  # from the value's own methods; an interrupt is no business of ours
        raise WireError(
            _("{value} could not be read: {error}").format(value=_name(value), error=_name(error))
        ) from None
    return b"".join(writer.parts)


def decode(data: bytes, limit: int) -> Plain:
    """Return the value; raise WireError, and nothing else, for bytes that `encode` would not have written.

    Takes no more memory than `limit` for text and arrays and some 200 bytes for each of at most MAX_ITEMS items.
    Arrays are the caller's own: contiguous, writeable, in the machine's byte order.
    """
    try:
        if len(data) > limit:
            raise WireError(f"{len(data):,} bytes, more than the {limit:,} allowed")
        reader = _Reader(bytes(data), limit)
        if reader.take(len(_MAGIC)) != _MAGIC:
            raise WireError("not a plain value")
        value = reader.value(0)
        if reader.at != len(reader.data):
            raise WireError("bytes after the value")
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"not a plain value: {type(error).__name__}") from None
    return value


def _name(value: object) -> str:
    """The name of a value's class, whatever its metaclass says."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return _("a value of type {type}").format(type=repr(name[:60]))


_TO_NUMPY = ("numpy", "to_numpy", "__array__")
"""What makes an array of a tensor of TensorFlow's or PyTorch's, of a data frame, of an array of JAX's."""


class _Writer:
    def __init__(self, limit: int) -> None:
        self.parts: list[bytes] = []
        self.room = limit
        self.items = 0

    def put(self, part: bytes) -> None:
        self.reserve(len(part))
        self.parts.append(part)

    def reserve(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise WireError(_("the value is too large"))

    def value(self, value: object, depth: int) -> None:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(_("more than {n:,} items").format(n=MAX_ITEMS))
        # isinstance() would believe an object's own __class__; its type cannot be forged.
        cls = type(value)
        if value is None or value is Ellipsis:
            self.put(b"N")
        elif cls is bool:
            self.put(b"T" if value else b"F")
        elif issubclass(cls, int):
            self.integer(int.__int__(value))  # type: ignore[arg-type]
        elif issubclass(cls, float):
            self.put(b"f" + struct.pack("<d", float.__float__(value)))  # type: ignore[arg-type]
        elif issubclass(cls, str):
            self.put(b"s")
            self.text(str.__str__(value))
        elif issubclass(cls, list):
            self.several(b"l", list.copy(value), depth)  # type: ignore[arg-type]
        elif issubclass(cls, tuple):
            self.several(b"t", list(tuple.__iter__(value)), depth)  # type: ignore[arg-type]
        elif issubclass(cls, dict):
            self.mapping(list(dict.items(value)), depth)  # type: ignore[arg-type]
        else:
            self.numpy(value, depth)

    def integer(self, value: int) -> None:
        if not -_TOO_LONG < value < _TOO_LONG:
            raise WireError(_("a whole number of more than {n:,} digits").format(n=MAX_DIGITS))
        size = _width(value)
        self.put(b"i" + struct.pack("<H", size) + value.to_bytes(size, "little", signed=True))

    def text(self, value: str) -> None:
        self.reserve(len(value))  # before it is copied
        self.room += len(value)
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise WireError(_("text with half a character in it (a lone surrogate)")) from None
        self.put(_length(data))
        self.put(data)

    def several(self, tag: bytes, items: list[Any], depth: int) -> None:
        self.put(tag + _length(items))
        for item in items:
            self.value(item, _deeper(depth))

    def mapping(self, items: list[tuple[object, object]], depth: int) -> None:
        self.put(b"d" + _length(items))
        seen = set()
        for name, item in items:
            if not issubclass(type(name), str):
                raise WireError(_("a dict whose keys are not all text, but {value}").format(value=_name(name)))
            key = str.__str__(name)
            if key in seen:
                raise WireError(_("a dict with the same key twice"))
            seen.add(key)
            self.text(key)
            self.value(item, _deeper(depth))

    def numpy(self, value: object, depth: int) -> None:
        import numpy as np

        cls = type(value)
        if issubclass(cls, np.generic):
            plain = np.generic.item(value)  # type: ignore[call-overload]
            if type(plain) not in (bool, int, float):
                raise WireError(_name(value))
            self.value(plain, depth)
        elif issubclass(cls, np.ma.MaskedArray):
            raise WireError(_("a masked array"))
        elif issubclass(cls, np.ndarray):
            self.array(np.asarray(value), depth)  # an ndarray's subclass becomes a plain one by its buffer alone
        else:
            named = (getattr(cls, name, None) for name in _TO_NUMPY)
            convert = next((method for method in named if callable(method)), None)
            if convert is None:
                raise WireError(_name(value))
            detach = getattr(cls, "detach", None)  # PyTorch's: off the GPU, and away from what is differentiated
            array = convert(detach(value).cpu() if callable(detach) else value)
            if type(array) is not np.ndarray and not issubclass(type(array), np.generic):
                raise WireError(_("{value}, of which numpy() makes no array").format(value=_name(value)))
            self.numpy(array, depth)

    def array(self, array: Any, depth: int) -> None:
        letter = _LETTERS.get(array.dtype.newbyteorder("<").str)
        if letter is None:
            raise WireError(_("an array of type {type}").format(type=repr(str(array.dtype)[:60])))
        if array.ndim == 0:
            self.value(array.item(), depth)
            return
        if array.ndim > MAX_AXES:
            raise WireError(_("an array of more than {n} axes").format(n=MAX_AXES))
        self.put(b"a" + letter + struct.pack(f"<B{array.ndim}Q", array.ndim, *array.shape))
        self.reserve(array.nbytes)
        self.parts.append(array.astype(_DTYPES[letter], order="C", copy=False).tobytes())


class _Reader:
    def __init__(self, data: bytes, limit: int) -> None:
        self.data = data
        self.limit = limit
        self.at = 0
        self.items = 0

    def take(self, size: int) -> bytes:
        start, self.at = self.at, self.at + size
        if self.at > len(self.data):
            raise WireError("the value is cut off")
        return self.data[start : self.at]

    def number(self, form: str) -> int:
        value: int = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def count(self, least: int) -> int:
        """A number of things that are still to come, of at least so many bytes each."""
        count = self.number("I")
        if count * least > len(self.data) - self.at or self.items + count > MAX_ITEMS:
            raise WireError("more items announced than there are")
        return count

    def value(self, depth: int) -> Plain:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS:,} items")
        match self.take(1):
            case b"N":
                return None
            case b"T":
                return True
            case b"F":
                return False
            case b"i":
                return self.integer()
            case b"f":
                value: float = struct.unpack("<d", self.take(8))[0]
                return value
            case b"s":
                return self.text()
            case b"l":
                return [self.value(_deeper(depth)) for _ in range(self.count(1))]
            case b"t":
                return tuple([self.value(_deeper(depth)) for _ in range(self.count(1))])
            case b"d":
                return self.mapping(depth)
            case b"a":
                return self.array()
            case tag:
                raise WireError(f"unknown tag {tag!r}")

    def integer(self) -> int:
        size = self.number("H")
        value = int.from_bytes(self.take(size), "little", signed=True)
        if not -_TOO_LONG < value < _TOO_LONG or size != _width(value):
            raise WireError("a whole number that is too long, or padded")
        return value

    def text(self) -> str:
        return self.take(self.number("I")).decode()

    def mapping(self, depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for _pair in range(self.count(5)):
            key = self.text()
            if key in found:
                raise WireError("a dict with the same key twice")
            found[key] = self.value(_deeper(depth))
        return found

    def array(self) -> NDArray[Any]:
        import numpy as np

        name = _DTYPES.get(self.take(1))
        axes = self.number("B")
        if name is None or not 1 <= axes <= MAX_AXES:
            raise WireError("an array of unknown type, or without axes")
        shape = struct.unpack(f"<{axes}Q", self.take(8 * axes))
        dtype = np.dtype(name)
        # An empty array may still claim a huge second axis, and whoever sums over the first would be given it.
        if math.prod(n for n in shape if n) * dtype.itemsize > self.limit:
            raise WireError("an array larger than allowed")
        elements = np.frombuffer(self.take(math.prod(shape) * dtype.itemsize), dtype)
        if dtype.kind == "b" and elements.size and elements.view(np.uint8).max() > 1:
            raise WireError("a truth value that is neither 0 nor 1")
        return elements.reshape(shape).astype(dtype.newbyteorder("="), copy=True)


def _width(value: int) -> int:
    """How many bytes a whole number takes with its sign."""
    return (value if value >= 0 else ~value).bit_length() // 8 + 1


def _length(things: bytes | list[Any]) -> bytes:
    if len(things) >= 2**32:
        raise WireError(_("the value is too large"))
    return struct.pack("<I", len(things))


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise WireError(_("nested more than {n} deep, or within itself").format(n=MAX_DEPTH))
    return depth + 1
