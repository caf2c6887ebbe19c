# mypy: ignore-errors
"""Write numbers for TensorBoard with TensorFlow's own writer.

needs: tensorboard
"""

# %%
import tensorflow as tf
from pathlib import Path

with tf.summary.create_file_writer("logs").as_default():
    for step in range(9):
        tf.summary.scalar("loss", 1 / (step + 1), step)

# %%
hand_in("work", "value", "v", len([path for path in Path("logs").iterdir() if path.stat().st_size > 0]))
