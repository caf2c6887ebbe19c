# mypy: ignore-errors
"""Write a module and import it, and again after a change."""

# %%
# %%writefile helper.py
# def twice(x):
#     return 2 * x

# %%
import helper

first = helper.twice(4)

# %%
import importlib
from pathlib import Path

Path("helper.py").write_text("def twice(x):\n    return 2.0 * x + 1\n")
importlib.invalidate_caches()
importlib.reload(helper)

# %%
hand_in("work", "value", "v", [first, helper.twice(4)])
