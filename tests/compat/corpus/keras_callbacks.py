# mypy: ignore-errors
"""Use the callbacks of a usual training: checkpoint, early stopping, slower learning, a log in a table."""

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
import os

callbacks = [
    keras.callbacks.ModelCheckpoint("logs/best.keras", save_best_only=True, monitor="loss"),
    keras.callbacks.EarlyStopping(monitor="loss", patience=2, restore_best_weights=True),
    keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1),
    keras.callbacks.CSVLogger("logs/log.csv"),
    keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs))),
]
os.makedirs("logs", exist_ok=True)
model.fit(x, y, epochs=4, callbacks=callbacks, verbose=0)
best = keras.saving.load_model("logs/best.keras")

# %%
hand_in("work", "value", "v", [sorted(os.listdir("logs")), len(open("logs/log.csv").readlines()), best.count_params()])
