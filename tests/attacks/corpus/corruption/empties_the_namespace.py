# mypy: ignore-errors
"""Deletes every name that later cells use, and Python's own.

expect: crashed
held-by: desk
"""
# %%
import builtins

for name in ("print", "len", "getattr", "isinstance", "type", "__import__"):
    delattr(builtins, name)
globals().clear()
