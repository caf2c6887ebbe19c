# mypy: ignore-errors
"""A function that ends the kernel when it is called, and closes the channel on which it is asked.

expect: crashed
held-by: kill
kernel: lives
"""
# %% function
import os

def twice(x):
    os.closerange(3, 1000)
    os._exit(0)
