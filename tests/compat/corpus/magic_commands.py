# mypy: ignore-errors
"""Use the magic commands that measure and list."""

# %%
import numpy as np

x = np.arange(100)
# %timeit -n 10 -r 2 x.sum()

# %%
# %%time
total = 0
for n in range(1000):
    total += n

# %%
# measured = %timeit -o -q -n 5 -r 2 x.sum()
# %time y = x * 2

# %%
# %%capture said
print("not shown")

# %%
# %whos

# %%
# %%writefile note.txt
# written by a cell

# %%
# %env GREETING=hi
import os

# %%
hand_in(
    "work",
    "value",
    "v",
    [total, int(y[-1]), measured.loops, said.stdout, open("note.txt").read(), os.environ["GREETING"]],
)
