# mypy: ignore-errors
"""Keep arrays in an HDF5 file, packed, with notes."""

# %%
import h5py
import numpy as np

with h5py.File("data.h5", "w") as file:
    file.create_dataset("x", data=np.arange(1000).reshape(10, 100), compression="gzip", chunks=True)
    file["x"].attrs["unit"] = "µm"
with h5py.File("data.h5") as file:
    total, unit = int(file["x"][2:4].sum()), file["x"].attrs["unit"]

# %%
hand_in("work", "value", "v", [total, unit])
