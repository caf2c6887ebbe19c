# mypy: ignore-errors
"""Read pictures from a folder for each class, and augment them."""

# %%
import keras
import numpy as np
from pathlib import Path
from PIL import Image

rng = np.random.default_rng(0)
for name in ("cats", "dogs"):
    Path("pictures", name).mkdir(parents=True)
    for number in range(6):
        Image.fromarray(rng.integers(0, 255, (20, 24, 3), dtype="uint8")).save(f"pictures/{name}/{number}.png")

# %%
train, test = keras.utils.image_dataset_from_directory(
    "pictures", image_size=(16, 16), batch_size=4, validation_split=0.25, subset="both", seed=1
)
keras.utils.set_random_seed(4)
flip = keras.Sequential([keras.layers.RandomFlip(seed=1), keras.layers.RandomRotation(0.1, seed=1)])
batch, labels = next(iter(train))
flipped = flip(batch, training=True)

# %%
hand_in(
    "work", "value", "v", [train.class_names, [len(train), len(test)], labels.numpy().tolist(), float(np.mean(flipped))]
)
