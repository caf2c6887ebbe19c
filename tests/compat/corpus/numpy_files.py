# mypy: ignore-errors
"""Save arrays and load them, also mapped into memory."""

# %%
import numpy as np

np.save("a.npy", np.arange(12.0).reshape(3, 4))
np.savez_compressed("b.npz", x=np.eye(3), y=np.arange(3))
np.savetxt("c.csv", np.eye(2), delimiter=",")
mapped = np.load("a.npy", mmap_mode="r+")
mapped[0, 0] = 7
mapped.flush()
with np.load("b.npz") as loaded:
    names = sorted(loaded)

# %%
hand_in("work", "value", "v", [np.load("a.npy"), names, np.loadtxt("c.csv", delimiter=",")])
