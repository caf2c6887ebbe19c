# mypy: ignore-errors
"""Fit a small network: the seed gives the same loss everywhere."""

# %%
import keras
import numpy as np

keras.utils.set_random_seed(1)
x, y = np.random.rand(64, 8, 8, 1), np.arange(64) % 4
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(4),
    ]
)
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

# %%
history = model.fit(x, y, epochs=3, batch_size=16, verbose=2)

# %%
hand_in("work", "value", "v", history.history)
