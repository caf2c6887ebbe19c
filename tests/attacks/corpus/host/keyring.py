# mypy: ignore-errors
"""Keeps a secret in the machine's keyring, where the next student finds it.

expect: answered
held-by: seccomp
"""
# %%
import ctypes

libc = ctypes.CDLL(None)
answer = 0
if libc.syscall(250, 0, -3, 0, 0, 0) >= 0 or libc.syscall(248, b"user", b"ag", b"x", 1, -2) >= 0:
    answer = "through"
