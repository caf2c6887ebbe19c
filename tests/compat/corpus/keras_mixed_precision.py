# mypy: ignore-errors
"""Train in mixed precision."""

# %%
import keras

keras.mixed_precision.set_global_policy("mixed_float16")

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
history = model.fit(x, y, epochs=2, verbose=0)

# %%
hand_in("work", "value", "v", [model.layers[0].compute_dtype, model.layers[0].variable_dtype, history.history])
