# mypy: ignore-errors
"""Ask for input without care: the cell ends, and the next one runs."""

# %%
input("Your name? ")

# %%
after = 1

# %%
hand_in("work", "value", "v", after)
