"""The data sets there are. A new one is a file beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.data.backbone import BACKBONE
from autograder.data.dataset import Dataset
from autograder.data.flowers import FLOWERS
from autograder.data.mnist import MNIST
from autograder.data.pictures import PICTURES
from autograder.data.shapes import SHAPES

DATASETS: Mapping[str, Dataset] = {
    "mnist": MNIST,
    "shapes": SHAPES,
    "pictures": PICTURES,
    "flowers": FLOWERS,
    "backbone": BACKBONE,
}
