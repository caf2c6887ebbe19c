# mypy: ignore-errors
"""Write a layer of one's own, and train with it."""

# %%
import keras
import numpy as np


class Scale(keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


keras.utils.set_random_seed(3)
model = keras.Sequential([keras.Input((4,)), Scale(), keras.layers.Dense(1)])
model.compile("sgd", "mse")

# %%
loss = model.fit(np.random.rand(32, 4), np.random.rand(32), epochs=2, verbose=0).history["loss"]

# %%
hand_in("work", "value", "v", loss)
