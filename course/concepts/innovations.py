"""What was new in AlexNet, GoogLeNet, ResNet, SENet and Xception, and what it costs."""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.match import Match, Pair
from autograder.checkers.numeric import Numeric
from autograder.checkers.options import Item
from autograder.checkers.order import Order
from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise
from autograder.types import Misconception, Params, Slips

alexnet = Choices(
    (
        Option(
            "relu",
            "ReLU after the convolutional layers",
            "Look again at the activation functions of the two networks: is the slope still useful for large inputs?",
            right=True,
        ),
        Option(
            "dropout",
            "Dropout in the dense layers",
            "AlexNet has very large dense layers. Look again for what keeps them from learning the photos by heart.",
            right=True,
        ),
        Option(
            "stacked",
            "Convolutional layers that follow each other directly, with no pooling layer between them",
            "Write down the order of the layers of both networks, and look at what stands between two convolutions.",
            right=True,
        ),
        Option(
            "shared-weights",
            "The same kernel is used at every place of the image",
            "This is what makes a layer convolutional, and LeNet-5 is already made of such layers.",
            next="Why a convolutional layer needs so few weights.",
        ),
        Option(
            "smaller-maps",
            "Layers whose only work is to make the maps smaller",
            "LeNet-5 already makes its maps smaller after its first two convolutions. AlexNet does it in a slightly "
            "different way, but the idea is old.",
            next="The layers of LeNet-5, one by one.",
        ),
        Option(
            "skip",
            "Connections that lead around some of the layers",
            "AlexNet is a plain chain: each layer reads only the one before it. Connections around layers came some "
            "years later, when networks became much deeper.",
            next="Which network of this section has more than a hundred layers?",
        ),
        Option(
            "batch-normalization",
            "Batch normalization",
            "Batch normalization was published three years after AlexNet. AlexNet has another normalization, which "
            "compares each map with its neighbours.",
            next="The kinds of normalization, and when each of them came up.",
        ),
    )
)

residual = Choice(
    (
        Option(
            "difference",
            "A block only has to learn what should be added to its input, and the gradient has a short way back.",
            "Think of a block whose weights are all near 0.",
            right=True,
        ),
        Option(
            "fewer-parameters",
            "The connections replace weights, so the network has fewer parameters to learn.",
            "The layers that such a connection leads around are all still there, with all their weights. An addition "
            "neither adds weights nor takes any away.",
            next="Count the parameters of two convolutions, with and without a connection around them.",
        ),
        Option(
            "overfitting",
            "They keep the network from learning its training images by heart.",
            "The plain deep network did worse on its training images, too. A network that learns by heart does very "
            "well on these, so this was not the problem.",
            next="Training error and validation error: which of them is high when a network overfits?",
        ),
        Option(
            "layers-left-out",
            "When the network predicts, it leaves out the layers that it does not need.",
            "All layers are computed for every image. The addition needs both sides: what came into the block, and "
            "what its layers made of it.",
            next="Draw one block, and write the shape of the maps on each arrow.",
        ),
        Option(
            "image-again",
            "Every block is given the image itself once more.",
            "The connection begins at the input of its own block. What comes in there are maps that earlier blocks "
            "have made, not the pixels of the image.",
            next="Draw two blocks one after the other, and follow the connections.",
        ),
    ),
    praise="If there is nothing to add, the weights can stay near 0, and what comes in goes out unchanged.",
)

ideas = Match(
    pairs=(
        Pair(
            "relu-and-dropout",
            "Five convolutional layers with ReLU, then large dense layers with dropout, trained on two graphics cards",
            to="alexnet",
            confused="lenet",
            feedback="LeNet-5 is older and much smaller. It has activation functions of the kind of tanh, no dropout, "
            "and was not trained on graphics cards.",
        ),
        Pair(
            "side-by-side",
            "Windows of several sizes look at the same maps, and what they find is stacked",
            to="googlenet",
            confused="resnet",
            feedback="In ResNet, two ways come together too, but their numbers are added. Here the maps of several "
            "ways are put behind each other, so that there are more of them.",
        ),
        Pair(
            "added",
            "What comes into a block is added to what its layers make of it",
            to="resnet",
            confused="senet",
            feedback="SENet lets a block change its maps by multiplying each of them by one number. Here something is "
            "added.",
        ),
        Pair(
            "own-window",
            "Each map gets one window of its own; then 1 × 1 kernels mix the maps",
            to="xception",
            confused="googlenet",
            feedback="GoogLeNet has 1 × 1 kernels as well, but its larger windows look through all the maps that come "
            "in, not through one map each.",
        ),
        Pair(
            "weighted-maps",
            "A small part of the block looks at the means of all maps, and decides how strong each map should be",
            to="senet",
            confused="xception",
            feedback="Xception treats maps one by one, too, but with a small window for each of them. Here a whole map "
            "is made stronger or weaker, and that depends on the image.",
        ),
    ),
    targets=(
        Item("lenet", "LeNet-5"),
        Item("alexnet", "AlexNet"),
        Item("googlenet", "GoogLeNet"),
        Item("resnet", "ResNet"),
        Item("senet", "SENet"),
        Item("xception", "Xception"),
    ),
)

excitation = Order(
    (
        Item("average", "Take the mean of each map, so that one number for each map is left"),
        Item("narrow", "A dense layer with fewer units than there are maps, and ReLU"),
        Item("widen", "A dense layer with as many units as there are maps, and a sigmoid"),
        Item("multiply", "Multiply each map by the number that was found for it"),
    ),
    praise="Look at each map as a whole, squeeze, decide on a strength between 0 and 1 for each, and apply it.",
)


def separable(params: Params, slips: Slips) -> int:
    """Return the parameters of a depthwise separable convolution, with a bias after its second half only."""
    area, maps, filters = params["kernel"] ** 2, params["maps"], params["filters"]
    own_windows = area * (filters if "window-per-output" in slips else maps)
    mixing = maps * filters
    if "window-forgotten" in slips:
        own_windows = 0
    if "mixing-forgotten" in slips:
        mixing = 0
    if "ordinary" in slips:
        own_windows, mixing = area * maps * filters, 0
    biases = 0 if "no-bias" in slips else filters + maps if "bias-twice" in slips else filters
    return int(own_windows + mixing + biases)


def draw_separable(rng: Random) -> dict[str, Any]:
    maps, filters = rng.sample(range(24, 137, 8), 2)
    return {"kernel": rng.choice([3, 5, 7]), "maps": maps, "filters": filters}


def se_block(params: Params, slips: Slips) -> int:
    """Return the parameters of the two dense layers of a squeeze-and-excitation block."""
    maps, ratio = params["maps"], params["ratio"]
    inputs = maps * params["height"] * params["width"] if "not-averaged" in slips else maps
    units = ratio if "ratio-as-units" in slips else maps if "ratio-ignored" in slips else maps // ratio
    first, second = (inputs + 1) * units, (units + 1) * maps
    if "no-bias" in slips:
        first, second = inputs * units, units * maps
    return int(first + (0 if "one-layer" in slips else second))


def draw_se_block(rng: Random) -> dict[str, Any]:
    ratio = rng.choice([4, 8, 16])
    height, width = rng.sample(range(12, 40), 2)
    return {"height": height, "width": width, "maps": ratio * rng.randint(9, 24), "ratio": ratio}


def bottleneck(params: Params, slips: Slips) -> int:
    """Return the parameters of a 1 x 1 convolution and the wider one after it."""
    area, maps, narrow, filters = params["kernel"] ** 2, params["maps"], params["narrow"], params["filters"]
    seen = maps if "not-narrowed" in slips else narrow
    first = (area if "area-twice" in slips else 1) * maps * narrow + narrow
    second = (1 if "no-area" in slips else area) * seen * filters + filters
    if "no-bias" in slips:
        first, second = first - narrow, second - filters
    return int(second + (0 if "bottleneck-forgotten" in slips else first))


def draw_bottleneck(rng: Random) -> dict[str, Any]:
    return {
        "kernel": rng.choice([3, 5]),
        "maps": 16 * rng.randint(10, 20),
        "narrow": 8 * rng.randint(3, 7),
        "filters": 16 * rng.randint(4, 9),
    }


SAMPLE = """GoogLeNet: small and large things need windows of different sizes, but large windows over many maps are
costly. An inception module uses several window sizes side by side and puts their maps behind each other; 1 x 1 kernels
before the large windows reduce the number of maps first, which makes it cheap. ResNet: very deep plain networks learned
badly, even on the training images. A skip connection adds what comes into a block to what the block computes, so that
the block only has to learn a difference and the gradient has a short way back. SENet: not every map is of use for every
image. A small part of the block looks at the mean of each map and multiplies each map by a number between 0 and 1.
Xception: an ordinary kernel looks for patterns in space and across maps at once, with many weights. The separable
convolution does one after the other: a window for each map alone, then a 1 x 1 kernel that mixes the maps. For a phone
I would take separable convolutions, because they do about the same with far fewer weights and multiplications."""

exercises = (
    Exercise(
        id="innovations-alexnet",
        title="What AlexNet added",
        points=2,
        prompt="""LeNet-5 (1998) reads handwritten digits. AlexNet (2012) names the objects in photos.

**What was new in AlexNet, compared with LeNet-5?** There are several. Wrong picks cost points.""",
        key=alexnet.key,
        checker=alexnet,
        next="Write the layers of both networks side by side.",
    ),
    Exercise(
        id="innovations-ideas",
        title="Ideas and networks",
        points=2,
        prompt="""**Which network is known for which idea?** One of the networks is left over.""",
        key=ideas.key,
        checker=ideas,
        next="The table of this section: read it once more, and say each idea in your own words.",
    ),
    Exercise(
        id="innovations-residual",
        title="Why skip connections help",
        points=1,
        prompt="""A plain network of 56 layers did worse than one of 20 layers, **even on the images that it was trained
on**. With skip connections, networks of more than a hundred layers train well.

**Why do skip connections help?**""",
        key=residual.key,
        checker=residual,
        next="What does a block give when all weights of its layers are 0?",
    ),
    Exercise(
        id="innovations-excitation",
        title="The steps of a squeeze-and-excitation block",
        points=2,
        prompt="""Maps come into a squeeze-and-excitation block.

**In which order does the block take these steps?**""",
        key=excitation.key,
        checker=excitation,
        misconceptions=(
            Misconception(
                "means-last",
                "You take the means near the end. But the dense layers of this block are small because they look at "
                "one number for each map. These numbers must be there before the dense layers can work.",
                "How many numbers does the first dense layer get?",
                key=lambda params: ("narrow", "widen", "average", "multiply"),
            ),
            Misconception(
                "wide-first",
                "Your two dense layers are in the wrong order. What you multiply with comes from the last dense layer: "
                "how many numbers must that be, and between which limits should they lie?",
                "The shape of what goes into each step.",
                key=lambda params: ("average", "widen", "narrow", "multiply"),
            ),
            Misconception(
                "multiply-first",
                "You multiply before the dense layers have computed the numbers to multiply with.",
                "Write next to each step what it needs, and which step makes it.",
                key=lambda params: ("average", "multiply", "narrow", "widen"),
            ),
        ),
        next="Write next to each step what it needs, and which step makes it.",
    ),
    Exercise(
        id="innovations-separable",
        title="A separable convolution of your own",
        points=2,
        prompt="""{maps} maps come into a **depthwise separable convolution**, and {filters} maps go out. First each map
that comes in gets one window of {kernel} × {kernel} of its own, without bias. Then {filters} kernels of 1 × 1 mix the
maps, and each of these kernels has a bias.

**How many parameters does it have in all?** Give the exact whole number.""",
        params=draw_separable,
        effort=lambda params: 5,  # area, times maps; maps times filters; and two sums
        key=separable,
        checker=Numeric(exact=True),
        misconceptions=(
            Misconception(
                "mixing-forgotten",
                "You counted the windows of the single maps. The second half is missing: the 1 × 1 kernels have "
                "weights, too, one for each map that they read.",
                "What does one 1 × 1 kernel multiply, and how many of these kernels are there?",
            ),
            Misconception(
                "window-forgotten",
                "You counted the 1 × 1 kernels. The first half is missing: each map that comes in has a window with "
                "weights of its own.",
                "The picture of a separable convolution: what stands before the 1 × 1 kernels?",
            ),
            Misconception(
                "ordinary",
                "This is the number for an ordinary convolution, in which every filter has a window for every map that "
                "comes in. Here, each map that comes in has only one window.",
                "The picture of a separable convolution, beside that of an ordinary one.",
            ),
            Misconception(
                "window-per-output",
                "You took one window for each map that goes out. The windows come first, when there are only the maps "
                "that come in.",
                "How many maps are there while the windows do their work?",
            ),
            Misconception(
                "no-bias",
                "You counted the weights only. The question says which part has biases, too.",
                "Read the question once more, and look for the word bias.",
            ),
            Misconception(
                "bias-twice",
                "You counted a bias for the windows of the single maps, too. The question says that these have none.",
                "Read the question once more, and look for the word bias.",
            ),
        ),
        next="Count the two halves apart: first all the windows, then all the 1 × 1 kernels.",
    ),
    Exercise(
        id="innovations-se-block",
        title="A squeeze-and-excitation block of your own",
        points=2,
        prompt="""Maps of shape {height} × {width} × {maps} (height, width, number of maps) come into a
**squeeze-and-excitation block** with ratio {ratio}: its first dense layer has {ratio} times fewer units than there are
maps. Both dense layers have biases.

**How many parameters does the block have?** Give the exact whole number.""",
        params=draw_se_block,
        effort=lambda params: 6,  # units; for each of two layers a product and a sum; and the sum of both
        key=se_block,
        checker=Numeric(exact=True),
        misconceptions=(
            Misconception(
                "one-layer",
                "You counted the first dense layer. A second one follows, which makes a number for every map again.",
                "The four steps of the block, one by one: which of them have weights?",
            ),
            Misconception(
                "no-bias",
                "You counted the weights only. Each unit of a dense layer also has a bias.",
                "The parameters of a dense layer: `layer.weights` lists a kernel and a bias.",
            ),
            Misconception(
                "ratio-ignored",
                "You gave the first dense layer as many units as there are maps. It has fewer: the ratio says how many "
                "times fewer.",
                "Why this first layer is called the squeeze.",
            ),
            Misconception(
                "ratio-as-units",
                "You took the ratio for the number of units of the first dense layer. It is what the number of maps is "
                "divided by.",
                "Read the question once more: what does the ratio say?",
            ),
            Misconception(
                "not-averaged",
                "You let the first dense layer look at every number of every map. Before it, each map is replaced by "
                "its mean, so each map gives one number only.",
                "The first of the four steps of the block.",
            ),
        ),
        next="How many numbers go into the first dense layer, how many come out, and how many does the second make?",
    ),
    Exercise(
        id="innovations-bottleneck",
        title="A bottleneck of your own",
        points=2,
        prompt="""One of the ways through an inception module: {maps} maps come in. A **1 × 1 convolution** makes
{narrow} maps of them, and a **{kernel} × {kernel} convolution** makes {filters} maps of these. Both are ordinary
convolutions with bias.

**How many parameters do the two have together?** Give the exact whole number.""",
        params=draw_bottleneck,
        effort=lambda params: 7,  # a product and a sum; area, two products and a sum; and the sum of both
        key=bottleneck,
        checker=Numeric(exact=True),
        misconceptions=(
            Misconception(
                "not-narrowed",
                "You let the second convolution look at all the maps that come in. It sees only what the 1 × 1 "
                "convolution has made of them: this is what the 1 × 1 convolution is there for.",
                "Draw the two convolutions as a chain, and write next to each arrow how many maps it carries.",
            ),
            Misconception(
                "bottleneck-forgotten",
                "You counted the second convolution only. A 1 × 1 convolution has weights, too: one for each pair of a "
                "map that comes in and a map that goes out.",
                "What does one 1 × 1 kernel multiply?",
            ),
            Misconception(
                "area-twice",
                "You used the size of the larger kernel for both convolutions. The first one looks at a single place "
                "only.",
                "How many places does a 1 × 1 kernel look at?",
            ),
            Misconception(
                "no-area",
                "You counted one weight for each pair of maps in both convolutions. The second one has a larger "
                "kernel, with a weight for each of its places.",
                "What a kernel looks like as an array: rows, columns, maps in, maps out.",
            ),
            Misconception(
                "no-bias",
                "You counted the weights only. Each map that a convolution makes also has a bias.",
                "What a Conv2D layer trains: `layer.weights` lists a kernel and a bias.",
            ),
        ),
        next="Count the two convolutions one after the other. How many maps go into the second one?",
    ),
    Exercise(
        id="innovations-words",
        title="Four ideas in your own words",
        points=3,
        prompt="""**Explain the main idea of GoogLeNet, ResNet, SENet and Xception to somebody who knows convolutions
and pooling.** For each of them say which problem it solves, and how, in one or two sentences. Then say which of the
four ideas you would use first in a network for a phone, and why.""",
        key=lambda params, slips: SAMPLE,
        checker=Prose(
            starter="Write your answer here, in your own words.",
            rubric=(
                Point(
                    "says of GoogLeNet that windows of several sizes work side by side, with 1 x 1 kernels before them."
                ),
                Point(
                    "says of ResNet that the input of a block is added to its output, and why deep networks then learn."
                ),
                Point("says of SENet that each map is made stronger or weaker, by a number computed from the image."),
                Point("says of Xception that space and maps are treated one after the other, with far fewer weights."),
                Point("gives a reason for the phone: fewer weights, fewer calculations or less time.", weight=0.5),
            ),
        ),
    ),
)
