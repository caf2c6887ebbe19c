# mypy: ignore-errors
"""Attaches to a segment of System V shared memory by its number.

expect: answered
held-by: ipc-namespace
"""

# %%
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
address = libc.shmat(FIELD["memory"], None, 0o10000)
answer = 0 if address in (None, 2**64 - 1) else f"through {ctypes.string_at(address, 24)}"
