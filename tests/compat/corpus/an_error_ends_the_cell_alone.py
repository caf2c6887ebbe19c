# mypy: ignore-errors
"""Make a mistake in one cell, and go on in the next one."""

# %%
x = 1

# %%
x / 0

# %%
eval("1 +")

# %%
undefined

# %%
x += 1

# %%
hand_in("work", "value", "v", x)
