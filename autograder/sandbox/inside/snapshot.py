"""A function as it was when it was handed in, whatever later cells do to the names that it uses."""

from __future__ import annotations

import functools
from types import CellType, FunctionType
from typing import Any


def keep(function: Any, namespace: dict[str, Any]) -> Any:
    """Return the function bound to a shallow copy of `namespace`, and with it every function that it can reach by name.

    Shallow: a list that a later cell appends to is the same list. Methods keep looking names up where they did.
    """
    copy = dict(namespace)
    known: dict[int, Any] = {}
    for name, value in namespace.items():
        copy[name] = _rebound(value, namespace, copy, known)
    return _rebound(function, namespace, copy, known)


def _rebound(value: Any, old: dict[str, Any], new: dict[str, Any], known: dict[int, Any]) -> Any:
    if id(value) in known:
        return known[id(value)]
    if type(value) is functools.partial:
        return functools.partial(_rebound(value.func, old, new, known), *value.args, **value.keywords)
    if type(value) is not FunctionType or value.__globals__ is not old:
        return value
    cells = tuple(CellType() for _ in value.__closure__ or ())
    # Without an enclosing function there is no closure, and FunctionType wants None then.
    twin = FunctionType(value.__code__, new, value.__name__, value.__defaults__, cells or None)
    known[id(value)] = twin  # before its closure is looked at: a function may enclose itself
    twin.__kwdefaults__ = value.__kwdefaults__
    twin.__dict__.update(value.__dict__)
    twin.__qualname__, twin.__module__ = value.__qualname__, value.__module__
    for ours, theirs in zip(cells, value.__closure__ or (), strict=True):
        try:
            ours.cell_contents = _rebound(theirs.cell_contents, old, new, known)
        except ValueError:
            continue  # an empty cell: the name was never given a value
    return twin
