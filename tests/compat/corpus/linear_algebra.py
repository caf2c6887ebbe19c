# mypy: ignore-errors
"""Solve equations with NumPy on several threads."""

# %%
import numpy as np

rng = np.random.default_rng(0)
a, b = rng.normal(size=(300, 300)), rng.normal(size=300)
x = np.linalg.solve(a, b)

# %%
hand_in("work", "value", "v", [bool(np.allclose(a @ x, b)), round(float(np.linalg.svd(a)[1][0]), 6)])
