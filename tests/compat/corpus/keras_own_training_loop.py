# mypy: ignore-errors
"""Write the training loop oneself, compiled."""

# %%
import keras
import tensorflow as tf

keras.utils.set_random_seed(2)
x, y = tf.random.normal((32, 5)), tf.random.normal((32, 1))
model, optimizer = (
    keras.Sequential([keras.layers.Dense(3, activation="tanh"), keras.layers.Dense(1)]),
    keras.optimizers.SGD(0.1),
)
model.build((None, 5))


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


# %%
losses = [float(step()) for _ in range(5)]

# %%
hand_in("work", "value", "v", losses)
