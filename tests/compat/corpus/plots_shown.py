# mypy: ignore-errors
"""Show plots in the notebook."""

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

# %%
plt.plot(np.arange(10) ** 2, label="x²")
plt.title("Größe in µm")
plt.legend()
plt.show()

# %%
figure, axes = plt.subplots(2, 2, figsize=(6, 6))
for place, ax in enumerate(axes.flat):
    ax.imshow(np.random.default_rng(place).random((8, 8)), cmap="gray")
    ax.axis("off")
figure

# %%
hand_in("work", "value", "v", [plt.get_backend().split(".")[-1], len(axes.flat)])
