# mypy: ignore-errors
"""Ends its process without a word.

expect: crashed
held-by: kill
"""
# %%
import os
os._exit(0)
