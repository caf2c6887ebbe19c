# mypy: ignore-errors
"""Replaces the kernel with another program, which keeps the descriptors and the name.

expect: crashed
held-by: kill
"""
# %%
import os, sys

os.execv(sys.executable, [sys.executable, "-c", "print('idle'); raise SystemExit(0)"])
