# mypy: ignore-errors
"""Reads memory that is not there.

expect: crashed
held-by: kill
"""
# %%
import ctypes
ctypes.string_at(1)
