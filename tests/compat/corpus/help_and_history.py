# mypy: ignore-errors
"""Ask for help, look at variables and at earlier results."""

# %%
1 + 1

# %%
_ * 21

# %%
# len?

# %%
import math
# math.sqrt??

# %%
before = _2

# %%
hand_in("work", "value", "v", [before, In[1].strip(), len(Out) > 0])
