"""What the tools do to a photo, and what they leave to you."""

from __future__ import annotations

from autograder.checkers.choice import Choice, Choices, Option
from autograder.checkers.match import Match, Pair
from autograder.checkers.options import Item
from autograder.exercise import Exercise

convert_quiz = Choices(
    (
        Option(
            "grey",
            "Make three equal channels of one grey channel",
            "Try it on the grey example photo: how many channels are there before and after?",
            right=True,
        ),
        Option(
            "palette",
            "Look up the colours of a photo with a palette",
            "Try it on the example photo of mode P. Are its colours there?",
            right=True,
        ),
        Option(
            "cmyk",
            "Compute red, green and blue from the inks of a CMYK photo",
            "Try it on the example photo of mode CMYK, and compare with the others.",
            right=True,
        ),
        Option(
            "white-ground",
            "Put transparent parts on a white ground",
            "It drops the alpha channel, and shows the colours that were hidden under it.",
            next="Draw the transparent example photo after `convert`.",
        ),
        Option(
            "exif",
            "Turn the photo as its EXIF orientation says",
            "It changes colours only. The photo stays as it lies in the file.",
            next="Compare `image.size` before and after `convert` and after `ImageOps.exif_transpose`.",
        ),
        Option(
            "sixteen-bits",
            "Divide the values of a grey photo of 16 bits, so that they fit into 8",
            "It cuts them off at 255, and nearly everything becomes white.",
            next="Draw the example photo of 16 bits after `convert`.",
        ),
        Option(
            "range",
            "Scale the numbers for the network",
            "What comes out are bytes, from 0 to 255.",
            next='`np.asarray(image.convert("RGB")).dtype`',
        ),
    )
)

convert = Exercise(
    id="photos-convert",
    title="What convert does for you",
    points=2,
    prompt="""You open a photo with Pillow and call `image.convert("RGB")`.

**Which of these does this call do?** There are several right options. Wrong picks cost as much as right ones earn.""",
    key=convert_quiz.key,
    checker=convert_quiz,
    next="Try it: the folder of example photos has one photo for each of these cases.",
)

preprocess_quiz = Match(
    (
        Pair(
            "inception_v3",
            "`keras.applications.inception_v3.preprocess_input`",
            to="both-sides",
            confused="zero-to-one",
            feedback="It does divide, but its numbers do not start at 0. Call it on a black photo.",
            next='`preprocess_input(np.zeros((1, 2, 2, 3), "float32"))`',
        ),
        Pair(
            "vgg16",
            "`keras.applications.vgg16.preprocess_input`",
            to="swapped",
            confused="both-sides",
            feedback="It comes from another family of networks, whose authors did not divide at all. Call it on a "
            "photo that is red everywhere.",
            next="`preprocess_input` on an array with red 255, green 0 and blue 0.",
        ),
        Pair(
            "efficientnet",
            "`keras.applications.efficientnet.preprocess_input`",
            to="nothing",
            confused="both-sides",
            feedback="Call it on a white photo, and look whether anything has changed. This network has layers of its "
            "own for the rest.",
            next="The first layers that `summary()` shows of an EfficientNet.",
        ),
        Pair(
            "rescaling",
            "`keras.layers.Rescaling(1 / 255)`",
            to="zero-to-one",
            confused="both-sides",
            feedback="This layer multiplies, and adds nothing unless it is given an `offset`. What becomes of black?",
            next="The layer on a black and on a white photo.",
        ),
    ),
    (
        Item("both-sides", "Numbers from -1 to 1, red first"),
        Item("zero-to-one", "Numbers from 0 to 1, red first"),
        Item("swapped", "Blue first, and a mean colour is subtracted; the numbers go far above 1"),
        Item("nothing", "The numbers stay as they are, from 0 to 255"),
    ),
)

preprocess = Exercise(
    id="photos-preprocess",
    title="Each network has its own",
    points=2,
    prompt="""An array of photos in red, green, blue, with numbers from 0 to 255, goes through each of these four.

**What comes out of each?** Find it out: call them on small arrays of which you know what is in them.""",
    key=preprocess_quiz.key,
    checker=preprocess_quiz,
    next="Call each of them on a photo that is red everywhere, and on a black one.",
)

mixed_quiz = Choice(
    (
        Option(
            "silent",
            "It runs without an error and gives worse answers, because its weights were fitted to other numbers",
            "",
            right=True,
        ),
        Option(
            "error",
            "Keras stops with an error, because the range is not the one of training",
            "Keras checks the shape of what comes in, and turns its type into the right one. It does not know what the "
            "numbers mean.",
            next="What a model's `input_shape` says, and what it does not.",
        ),
        Option(
            "adapts",
            "Nothing changes: batch normalization brings all numbers into the range that the network needs",
            "When a network predicts, batch normalization uses the mean and the variance that it saw in training. It "
            "does not look at your photos.",
            next="What `training=False` means for this layer.",
        ),
        Option(
            "scale-free",
            "Nothing changes: only which numbers are larger matters, not how large they are",
            "The first layer adds a bias, or shifts by a mean, and then cuts off what is below zero. What survives "
            "depends on how large the numbers are.",
            next="What ReLU makes of x - 0.5, for x = 0.2 and for x = 20.",
        ),
    ),
    praise="That is why one looks at the range, and at some photos as the network gets them.",
)

mixed = Exercise(
    id="photos-mixed",
    title="Prepared in another way",
    points=2,
    prompt="""A trained Inception v3 gets photos of the right shape, but with numbers from 0 to 255.

**What happens?**""",
    key=mixed_quiz.key,
    checker=mixed_quiz,
    next="Where in the network would somebody notice?",
)

square_quiz = Choice(
    (
        Option(
            "middle",
            "Scale it by one factor and cut the square out of the middle: the left and right ends are lost",
            "",
            right=True,
        ),
        Option(
            "both",
            "Scale both sides to 299: nothing is lost",
            "Nothing is cut off, but the wheels become ellipses that stand upright. The network has learned its "
            "wheels on photos with proportions as they are.",
            next="What happens to a circle when the two sides are scaled by different factors?",
        ),
        Option(
            "corner",
            "Cut 299 × 299 pixels out of the middle without scaling: nothing gets blurred",
            "It is as sharp as it can be, but of a photo of 4,000 × 2,000 pixels there is hardly more left than a "
            "piece of a door.",
            next="What share of all pixels is that?",
        ),
        Option(
            "bars",
            "Scale it until the longer side fits, and fill the rest with black bars: nothing is lost",
            "Half of what the network sees is black then, the bus is small, and in training there were no bars. It is "
            "a choice that some make on purpose; this network was not trained with it.",
            next="How many of the 299 rows show something of the photo?",
        ),
    ),
    praise="Something is always lost. Here it is what most photos have least of: what matters is usually near the "
    "middle.",
)

squares = Exercise(
    id="photos-square",
    title="A wide photo",
    points=1,
    prompt="""A photo of 4,000 × 2,000 pixels shows a bus from the side, in the middle, with a street on its left and
right. It is to be shown to a network that was trained on squares with natural proportions, full of photo.

**Which way fits best?**""",
    key=square_quiz.key,
    checker=square_quiz,
    next="Draw a wide photo with a circle in it, and do to it what each option says.",
)

exercises = (convert, preprocess, mixed, squares)
