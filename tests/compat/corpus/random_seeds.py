# mypy: ignore-errors
"""Set seeds, and get the same numbers everywhere."""

# %%
import random

import numpy as np

random.seed(1)
np.random.seed(2)
drawn = [
    random.random(),
    float(np.random.rand()),
    float(np.random.default_rng(3).normal()),
    random.sample(range(99), 3),
]

# %%
hand_in("work", "value", "v", drawn)
