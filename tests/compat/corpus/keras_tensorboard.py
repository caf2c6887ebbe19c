# mypy: ignore-errors
"""Write logs for TensorBoard into a folder.

needs: tensorboard
"""

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
from pathlib import Path

model.fit(x, y, epochs=2, verbose=0, callbacks=[keras.callbacks.TensorBoard("logs/run", histogram_freq=1)])
written = [path for path in Path("logs").rglob("events.out.tfevents.*") if path.stat().st_size > 100]

# %%
hand_in("work", "value", "v", sorted({path.parent.name for path in written}))
