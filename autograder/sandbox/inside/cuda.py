"""Asks CUDA how many GPUs it can use in here, and prints, as JSON, `count`, or `error` in a few words.

Argument: JSON, of which nothing is read.
"""

from __future__ import annotations

import ctypes
import json
from typing import Any

LIBRARY = "libcuda.so.1"


def counted(library: Any) -> dict[str, Any]:
    """library: the driver's."""
    for function, *arguments in (
        (library.cuInit, 0),
        (library.cuDeviceGetCount, ctypes.byref(count := ctypes.c_int())),
    ):
        if code := int(function(*arguments)):
            return {"error": f"{function.__name__} says {code} ({_name(library, code)})"}
    return {"count": count.value}


def _name(library: Any, code: int) -> str:
    name = ctypes.c_char_p()
    library.cuGetErrorName(code, ctypes.byref(name))
    return (name.value or b"unknown").decode(errors="replace")


def main() -> None:
    try:
        found = counted(ctypes.CDLL(LIBRARY))
    except OSError as error:
        found = {"error": str(error)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
