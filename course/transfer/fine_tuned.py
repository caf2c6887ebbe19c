"""Fine-tuning: the last blocks move a little, the early ones stay. Judged from the weights."""

from __future__ import annotations

from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.types import Misconception

from ._backbone import (
    MAX_PARAMETERS,
    Handed,
    early,
    gentle,
    head,
    is_kernel,
    is_statistic,
    key_of,
    late_moved,
    outputs,
    pretrained,
    still,
    whole,
)


def late_kernels(by: float) -> Handed:
    return Handed(shift=lambda name: by if is_kernel(name) and not early(name) else 0.0)


WRONG = {
    "still-frozen": Handed(),
    "all-moved": Handed(shift=lambda name: 0.0 if is_statistic(name) else 0.02),
    "all-in-training-mode": Handed(shift=lambda name: 0.02),
    "normalization-counts": Handed(shift=lambda name: 0.0 if early(name) else 0.02),
    "large-steps": late_kernels(0.65),
    "all-with-large-steps": Handed(shift=lambda name: 0.65),
    "drawn-anew": Handed(drawn=True),
    "own-network": Handed(own_network=True),
}

exercise = Exercise(
    id="fine-tuned",
    title="Fine-tuning",
    points=4,
    prompt=(
        "Now let the last blocks of the backbone learn a little, too, and hand in the model.\n\n"
        "- Go on from your model with the trained head.\n"
        "- In the last blocks, from `block_7` on, **at least some kernels are trained**. You decide where it begins: "
        "`block_7`, `block_13`, or only the very last layer.\n"
        "- Everything before, from `Conv1` to the end of `block_6`, stays **as it was**.\n"
        "- The steps are small: no kernel moves further than half of its own size.\n"
        "- No batch normalization changes its mean and variance (`moving_mean`, `moving_variance`).\n"
        "- It has at most 3,000,000 parameters, and is made of Keras's own layers.\n\n"
        "It is judged from its weights again. Which layers it says it has trained makes no difference."
    ),
    key=key_of(WRONG, late_kernels(0.02)),
    checker=Architecture(
        input_shape=(96, 96, 3),
        max_parameters=MAX_PARAMETERS,
        needs=3,
        facts=(
            Fact(
                "whole",
                "has all layers of the backbone",
                whole,
                "Give `MobileNetV2(...)` as it is to your model, and use its output.",
                0.5,
            ),
            Fact(
                "pretrained",
                "still has most of what its backbone had learned",
                pretrained,
                "Its weights are nothing like those that it came with.",
                0.5,
            ),
            Fact(
                "late",
                "has trained kernels in the last blocks of the backbone",
                late_moved,
                "None of them has moved. `trainable` must be set before `compile`, and then `fit` must run again.",
                2.0,
            ),
            Fact(
                "early",
                "has left everything up to block_6 as it was",
                still(lambda name: early(name) and not is_statistic(name)),
                "Early layers have moved. They see edges, colours and textures, the same in all pictures: "
                "your few images can only spoil them.",
                3.0,
            ),
            Fact(
                "gentle",
                "has moved no kernel far",
                gentle,
                "At least one has moved by more than half of its size. What it had learned is overwritten.",
                3.0,
            ),
            Fact(
                "statistics",
                "has left mean and variance of the batch normalizations as they were",
                still(is_statistic),
                "They have moved. They are not trained by gradients but counted, from each batch that passes in "
                "training mode, and a few small batches count badly.",
                2.0,
            ),
            Fact(
                "outputs",
                "gives one number for each of the large classes",
                outputs,
                "How many classes have at least 100 pictures?",
                0.5,
            ),
            Fact(
                "head",
                "ends with a head of its own that has been trained",
                head,
                "Go on from the model of the step before: a head that is new makes large errors, and large steps.",
                0.5,
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "still-frozen",
            "Nothing in the backbone has moved. If you did set `trainable`: a model takes notice of it only when it is "
            "compiled again.",
            "Set `trainable`, compile, fit. `model.summary()` shows how many parameters are trainable."
            " Look before you start.",
        ),
        Misconception(
            "all-moved",
            "All of the backbone was trained, the first layers as well. `backbone.trainable = True` unfreezes every "
            "layer in it; those that should stay are frozen again, one by one.",
            "`for layer in backbone.layers[:k]: layer.trainable = False`. How do you find k?",
        ),
        Misconception(
            "all-in-training-mode",
            "All of the backbone was trained, and its batch normalizations counted along. It was unfrozen as a whole, "
            "and it runs in training mode.",
            "Which layers must stay frozen? Each `BatchNormalization` is one of them.",
        ),
        Misconception(
            "normalization-counts",
            "The right blocks were trained, but their batch normalizations counted new means and variances from your "
            "small batches. The kernels behind them fit to the old ones.",
            "`isinstance(layer, layers.BatchNormalization)`: leave each of them frozen. In this version of Keras, "
            "`training=False` in the call of a backbone does not hold in `fit`.",
        ),
        Misconception(
            "large-steps",
            "The right blocks were trained, but with steps so large that they have lost what they knew. Fine-tuning "
            "wants a learning rate far below the usual one.",
            "Which learning rate does the optimizer have if you only write its name?",
        ),
        Misconception(
            "all-with-large-steps",
            "The whole backbone was trained, with large steps: it has been overwritten. Freeze the early layers, and "
            "take a far smaller learning rate.",
            "Look at the loss in the first epoch: does it jump up?",
        ),
        Misconception(
            "drawn-anew",
            "Nothing is left of what the backbone knew. Either it began with weights drawn by chance, or the steps "
            "were so large that all of it was overwritten.",
            "Look at the argument `weights` of `MobileNetV2`, and at the learning rate.",
        ),
        Misconception(
            "own-network",
            "This is a network of your own, without the backbone.",
            "Go on from the model of the step before.",
        ),
    ),
    pack="pictures",
    next="Print the learning rate, and for each layer of the backbone its name and whether it is trainable.",
)
