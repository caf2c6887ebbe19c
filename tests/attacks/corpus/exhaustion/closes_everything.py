# mypy: ignore-errors
"""Closes every descriptor that it was given.

expect: crashed
held-by: kill
limits: cell_seconds=4 seconds=20
"""
# %%
import os
os.closerange(3, 1000)
os.abort()
