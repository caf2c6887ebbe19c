# mypy: ignore-errors
"""Save a trained network, load it, and have both predict."""

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
model.fit(x, y, verbose=0)
model.save("model.keras")
again = keras.saving.load_model("model.keras")
model.save_weights("model.weights.h5")
again.load_weights("model.weights.h5")

# %%
hand_in(
    "work",
    "value",
    "v",
    [float(np.abs(model.predict(x, verbose=0) - again.predict(x, verbose=0)).max()), again.optimizer.name],
)
