# mypy: ignore-errors
"""Opens a ring of io_uring, on which calls are made that no filter sees.

expect: answered
held-by: seccomp
"""
# %%
import ctypes

parameters = ctypes.create_string_buffer(120)
answer = "through" if ctypes.CDLL(None).syscall(425, 4, parameters) >= 0 else 0
