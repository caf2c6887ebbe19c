# mypy: ignore-errors
"""Says that it is somebody else, and hands in what this friend has right.

expect: answered
held-by: judge
"""

# %%
mine, me = me, "a-friend"
check("target", 104729000000)
# %% after-target
me = mine
