# mypy: ignore-errors
"""Show a plot of a hundred thousand points, and a large picture."""

# %%
import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)
plt.figure(figsize=(10, 8))
plt.scatter(*rng.normal(size=(2, 100_000)), s=1, alpha=0.1)
plt.show()

# %%
plt.imshow(rng.random((256, 256, 3)))
plt.show()

# %%
hand_in("work", "value", "v", len(plt.get_fignums()))
