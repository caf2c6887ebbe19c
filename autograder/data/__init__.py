"""Data packs: what students' kernels may read, and the hidden part that models are judged on.

packs.py opens and builds them, fetch.py downloads, dataset.py says what a data set is; each set has a file of its own.
"""

from autograder.data.catalogue import DATASETS
from autograder.data.dataset import Dataset, Kept
from autograder.data.fetch import Source, cache
from autograder.data.packs import Pack, pack, secret, stand_in

__all__ = ["DATASETS", "Dataset", "Kept", "Pack", "Source", "cache", "pack", "secret", "stand_in"]
