# mypy: ignore-errors
"""Compute with a pool of processes."""

# %%
from multiprocessing import Pool


def square(n):
    return n * n


with Pool(3) as pool:
    squares = pool.map(square, range(20))
    totals = list(pool.imap_unordered(sum, [[1, 2], [3]]))

# %%
hand_in("work", "value", "v", [squares, sorted(totals)])
