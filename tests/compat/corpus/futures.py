# mypy: ignore-errors
"""Compute with executors of threads and of processes."""

# %%
import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed

with ThreadPoolExecutor(4) as pool:
    roots = list(pool.map(math.sqrt, range(9)))
with ProcessPoolExecutor(2) as pool:
    sums = sorted(future.result() for future in as_completed([pool.submit(sum, range(n)) for n in range(5)]))

# %%
hand_in("work", "value", "v", [roots, sums])
