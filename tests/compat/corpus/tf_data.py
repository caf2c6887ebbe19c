# mypy: ignore-errors
"""Build an input pipeline: parallel, cached in a file, shuffled, fetched ahead."""

# %%
import tensorflow as tf

data = (
    tf.data.Dataset.range(100)
    .map(lambda n: n * n, num_parallel_calls=tf.data.AUTOTUNE)
    .cache("cached")
    .shuffle(100, seed=1)
    .batch(10)
    .prefetch(tf.data.AUTOTUNE)
)
first = [int(n) for batch in data for n in batch]
second = [int(n) for batch in data for n in batch]

# %%
import os

from_generator = tf.data.Dataset.from_generator(lambda: iter(range(5)), output_signature=tf.TensorSpec((), tf.int32))

# %%
hand_in(
    "work",
    "value",
    "v",
    [
        first[:10],
        sorted(first) == sorted(second),
        [n for n in os.listdir() if n.startswith("cached")] != [],
        [int(n) for n in from_generator],
    ],
)
