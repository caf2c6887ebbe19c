# mypy: ignore-errors
"""Run commands of the shell from cells."""

# %%
# !echo hello > greeting.txt
# !ls
# listed = !ls

# %%
# %%bash
# mkdir -p made
# cat greeting.txt
# exit 0

# %%
# %cd made
# %pwd

# %%
import os

# %%
hand_in("work", "value", "v", [list(listed), os.path.basename(os.getcwd()), open("../greeting.txt").read()])
