"""A new head on a frozen backbone: judged from the weights, not from what the model says of itself."""

from __future__ import annotations

from autograder.checkers.architecture import Architecture, Fact
from autograder.exercise import Exercise
from autograder.types import Misconception

from ._backbone import (
    MAX_PARAMETERS,
    Handed,
    early,
    head,
    is_kernel,
    is_statistic,
    key_of,
    outputs,
    pretrained,
    still,
    whole,
)

WRONG = {
    "not-frozen": Handed(shift=lambda name: 0.1),
    "last-blocks-moved": Handed(shift=lambda name: 0.05 if is_kernel(name) and not early(name) else 0.0),
    "normalization-moved": Handed(shift=lambda name: 0.1 if is_statistic(name) else 0.0),
    "drawn-anew": Handed(drawn=True),
    "cut-off": Handed(keep=early),
    "own-network": Handed(own_network=True),
    "head-untrained": Handed(trained=False),
    "one-class-more": Handed(more_classes=1),
}

exercise = Exercise(
    id="frozen",
    title="A new head on a frozen backbone",
    points=4,
    prompt=(
        "Build a model for your classes, train **its new head only**, and hand the model in.\n\n"
        "- It takes images of 96 × 96 × 3, as your pipeline gives them, and gives one number for each of the classes "
        "that are large enough: probabilities (softmax) or scores (logits).\n"
        '- Its backbone is the whole `keras.applications.MobileNetV2(include_top=False, weights="imagenet")`.\n'
        "- After it come layers of your own. They are trained: the backbone is not, neither its kernels nor its batch "
        "normalizations.\n"
        "- It has at most 3,000,000 parameters, and is made of Keras's own layers.\n\n"
        "It is judged from its weights: each one of the backbone is compared with how it came. How well the model does "
        "is not looked at here."
    ),
    key=key_of(WRONG, Handed()),
    checker=Architecture(
        input_shape=(96, 96, 3),
        max_parameters=MAX_PARAMETERS,
        needs=2,
        facts=(
            Fact(
                "whole",
                "has all layers of the backbone",
                whole,
                "Give `MobileNetV2(...)` as it is to your model, and use its output.",
            ),
            Fact(
                "pretrained",
                "has a backbone that has learned before",
                pretrained,
                "Its weights are nothing like those that it comes with. Without them, it is a large network that knows "
                "nothing, and your few images cannot teach it.",
            ),
            Fact(
                "kernels",
                "has left the kernels of the backbone as they were",
                still(is_kernel),
                "They have moved. While the head is new, its errors are large, and so are the steps that it makes the "
                "backbone take: what that has learned from a million images is soon lost.",
                4.0,
            ),
            Fact(
                "normalization",
                "has left the backbone's batch normalizations as they were",
                still(lambda name: not is_kernel(name)),
                "Their numbers have moved. They belong to the images that the backbone was trained on, and its kernels "
                "fit to them.",
            ),
            Fact(
                "outputs",
                "gives one number for each of the large classes",
                outputs,
                "How many classes have at least 100 pictures?",
            ),
            Fact(
                "head",
                "ends with a head of its own that has been trained",
                head,
                "A new `Dense` layer begins with biases of zero; training moves them. Is the model handed in after "
                "`fit`, and does the head read what the backbone gives?",
                2.0,
            ),
        ),
    ),
    misconceptions=(
        Misconception(
            "not-frozen",
            "The backbone was trained along with the head. A layer is frozen by `trainable = False`, and that must be "
            "said before `compile`: what is set later is not seen by a model that is compiled already.",
            "`backbone.trainable = False`, then build, compile, fit. `model.summary()` shows how many parameters are "
            "trainable.",
        ),
        Misconception(
            "last-blocks-moved",
            "The last blocks of the backbone were trained, too. That is the next step, fine-tuning. Here the head "
            "comes alone: hand in your model before you unfreeze anything.",
            "Run all cells in order, and check this model before the next part.",
        ),
        Misconception(
            "normalization-moved",
            "The kernels are frozen, but the batch normalizations went on counting mean and variance of your images. "
            "They do so whenever they run as in training and are not frozen themselves.",
            "Freeze all layers of the backbone: `backbone.trainable = False`, before `compile`.",
        ),
        Misconception(
            "drawn-anew",
            "The backbone was made with weights drawn by chance. It is the same network, but it has seen nothing yet.",
            "Look at the argument `weights` of `MobileNetV2`.",
        ),
        Misconception(
            "cut-off",
            "Only the first part of the backbone is in your model. Early layers see edges and colours; what things "
            "are made of is seen by the last ones.",
            "Is the output that you use the backbone's last one?",
        ),
        Misconception(
            "own-network",
            "This is a network of your own, without the backbone. With so few images, most of what a network must "
            "learn about pictures has to come from elsewhere.",
            "`keras.applications.MobileNetV2`.",
        ),
        Misconception(
            "head-untrained",
            "The head is as it was made: its biases are still zero. It was handed in before it was trained.",
            "`model.fit(...)` comes before `check(...)`.",
        ),
        Misconception(
            "one-class-more",
            "The model has more outputs than there are large classes. Is the class with too few pictures among them?",
            "`len(classes)`.",
        ),
    ),
    pack="pictures",
    next="`model.summary(show_trainable=True)` shows which layers are trained.",
)
