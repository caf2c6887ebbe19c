# mypy: ignore-errors
"""Write records of TensorFlow to a file and read them."""

# %%
import tensorflow as tf

with tf.io.TFRecordWriter("numbers.tfrecord") as writer:
    for number in range(5):
        feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))
        writer.write(tf.train.Example(features=tf.train.Features(feature={"n": feature})).SerializeToString())
read = [
    int(tf.io.parse_single_example(record, {"n": tf.io.FixedLenFeature([], tf.int64)})["n"])
    for record in tf.data.TFRecordDataset("numbers.tfrecord")
]

# %%
hand_in("work", "value", "v", read)
