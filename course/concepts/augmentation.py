"""Data augmentation: what it is, what it is good for, which changes are safe, and where it belongs."""

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

effect = Choice(
    (
        Option(
            "harder-but-better",
            "It does a little worse on its training images, and better on new images.",
            "Training images that look different each time are harder to learn by heart.",
            right=True,
        ),
        Option(
            "better-on-both",
            "It does better on its training images and on new ones.",
            "It already got nearly all training images right. Now none of them comes twice in the same form. Does that "
            "make them easier to learn?",
            next="Why learning by heart becomes harder when the images change.",
        ),
        Option(
            "training-only",
            "It does better on its training images; on new ones nothing changes.",
            "This is what happens with more epochs or more weights. Augmentation works against learning by heart.",
            next="Which of the two numbers shows that a network overfits, and why?",
        ),
        Option(
            "fewer-weights",
            "It gets fewer weights, and so it can learn less by heart.",
            "Augmentation changes the images and nothing in the network. The number of weights stays what it was.",
            next="Several ways to work against overfitting, and what each of them changes.",
        ),
        Option(
            "fewer-epochs",
            "It needs fewer epochs, because it sees more images in each of them.",
            "An epoch has as many images as before; each of them is only changed. With more variety to learn, a "
            "network usually needs more epochs.",
            next="How many images are there in an epoch, when they are changed as they are read?",
        ),
    ),
    praise="The network can no longer rely on the exact pixels of its training images.",
)

digits = Choices(
    (
        Option(
            "small-shift",
            "Moving the digit by up to 2 pixels",
            "Do people write a digit at exactly the same place each time?",
            right=True,
        ),
        Option(
            "small-turn",
            "Turning the image by up to 10 degrees",
            "Does everybody write upright?",
            right=True,
        ),
        Option(
            "small-zoom",
            "Making the digit up to 10 % larger or smaller",
            "Do all people write digits of the same size?",
            right=True,
        ),
        Option(
            "mirror",
            "Mirroring left and right",
            "A mirrored 2, 3 or 7 is not a digit that somebody would write. The network would learn forms that never "
            "come.",
            next="Write the ten digits, and hold them in front of a mirror.",
        ),
        Option(
            "half-turn",
            "Turning the image by up to 180 degrees",
            "Turned that far, one digit can look like another one, and the label is no longer right.",
            next="Write the ten digits on a sheet, and turn the sheet upside down.",
        ),
        Option(
            "far-shift",
            "Moving the digit by up to 20 pixels",
            "The image has 28 pixels each way, and the digit fills most of it. Moved that far, much of it lies "
            "outside, and nobody could read it.",
            next="After the change, could you still give the label yourself?",
        ),
        Option(
            "halves-exchanged",
            "Exchanging the upper and the lower half",
            "The pieces no longer form a digit that somebody would write. Where a stroke lies in the image is part of "
            "what makes a digit.",
            next="After the change, could you still give the label yourself?",
        ),
    )
)

harm = Match(
    pairs=(
        Pair(
            "hands",
            "Left hands and right hands: the back of the hand, fingers pointing in any direction",
            to="mirror",
            confused="half-turn",
            feedback="In these photos the fingers point in any direction. A hand that has been turned lies in another "
            "direction, and it is still the same hand.",
            next="Look at your own two hands: which change makes one look like the other?",
        ),
        Pair(
            "lift-buttons",
            "Buttons of a lift: an arrow that points up, or one that points down",
            to="half-turn",
            confused="mirror",
            feedback="Draw an arrow that points up, and exchange left and right. It points where it pointed before.",
            next="Draw both arrows on paper, and try each change.",
        ),
        Pair(
            "tomatoes",
            "Tomatoes on a table: ripe (red) or unripe (green)",
            to="hue",
            confused="brightness",
            feedback="A red tomato in a darker photo is still red, and a green one is still green.",
            next="What do you look at yourself, when you tell the classes apart?",
        ),
        Pair(
            "streets",
            "Streets by day, or by night",
            to="brightness",
            confused="hue",
            feedback="With other colours, a night photo still has its dark sky and its lamps. The classes can still be "
            "told apart.",
            next="What do you look at yourself, when you tell the classes apart?",
        ),
        Pair(
            "camera-test",
            "Photos from the test of a camera: sharp, or out of focus",
            to="blur",
            confused="brightness",
            feedback="A photo that is made lighter or darker has its edges where it had them, as fine as before.",
            next="What do you look at yourself, when you tell the classes apart?",
        ),
    ),
    targets=(
        Item("mirror", "Mirroring left and right"),
        Item("half-turn", "Turning by 180 degrees"),
        Item("hue", "Changing the hue (red becomes green, green becomes blue, ...)"),
        Item("brightness", "Making the photo darker or lighter"),
        Item("blur", "Blurring"),
        Item("small-shift", "Moving the photo by a few pixels"),
    ),
)

pipeline = Order(
    (
        Item("split", "Divide the list of files into training, validation and test"),
        Item("read", "Read the training photos, and bring them to one size"),
        Item("keep", "Keep the photos in memory (cache), so that no file is read twice"),
        Item("change", "Change each photo at random"),
        Item("fit", "Give the photos to the network, which takes a step for each batch"),
    ),
    praise="What is always the same is done once; what should be new each time comes after the cache.",
)

validation = Choice(
    (
        Option(
            "prepared-only",
            "They get the same size and the same range of numbers as the training photos, and no random changes.",
            "What should the number that you get from them tell you?",
            right=True,
        ),
        Option(
            "changed-too",
            "They get the same size and range, and random changes too, so that both sets are alike.",
            "Validation should tell how the network does on photos as they will come. These come unchanged. And the "
            "number would differ from one time to the next, only because of the changes.",
            next="What is validation for?",
        ),
        Option(
            "changed-once",
            "They get the same size and range, and are changed at random once, before training begins.",
            "The number would then be the same each time, but it would tell how the network does on changed photos. In "
            "use, the photos will not be changed.",
            next="What is validation for?",
        ),
        Option(
            "raw",
            "They stay as they are, with their own sizes and numbers from 0 to 255.",
            "The network expects what it was trained on: one size, and numbers in the same range. To bring photos into "
            "this form is not augmentation; every photo needs it.",
            next="The difference between preparing a photo and changing it at random.",
        ),
    ),
    praise="Preparing is for every photo; random changes are for training.",
)

worth = Choice(
    (
        Option(
            "less",
            "It helps, but it is worth much less: all these photos still show the same things.",
            "What is new in a changed photo, and what is not?",
            right=True,
        ),
        Option(
            "the-same",
            "That is right: for training, only the number of different inputs counts.",
            "Two photos can differ in every pixel and still show the same object in the same light. What a network has "
            "never been shown, it does not learn from more copies.",
            next="Would you learn to know dogs from 50 copies of one photo, each turned a little?",
        ),
        Option(
            "nothing",
            "It does not help at all: the network recognizes the old photos in them.",
            "For a network, a photo that was moved by some pixels is a different input. It has to find what stays the "
            "same, and that is what it needs for new photos, too.",
            next="What a network does that has learned its photos by heart, when one of them is moved.",
        ),
        Option(
            "more",
            "It is worth more than that: nobody can make a mistake in the labels of changed photos.",
            "A changed photo takes over the label of the old one, right or wrong. And a change that goes too far makes "
            "a right label wrong.",
            next="When does a change make a label wrong?",
        ),
        Option(
            "each-epoch",
            "That is right, as long as the changes are drawn anew in each epoch.",
            "New changes in each epoch are a good habit. But they bring no new objects, no new backgrounds and no new "
            "light from the side.",
            next="What is new in a changed photo, and what is not?",
        ),
    ),
    praise="Augmentation teaches which changes do not matter. It cannot show what was never photographed.",
)


def steps(params: Params, slips: Slips) -> int:
    """Return how many steps training takes: one for each batch of each epoch."""
    photos = params["photos"] if "all-photos" in slips else params["photos"] - params["held"]
    if "copies" in slips:
        photos *= params["changes"]
    batch = 1 if "batch-ignored" in slips else params["batch"]
    epochs = 1 if "one-epoch" in slips else params["epochs"]
    if "rounded-at-the-end" in slips:
        return int(-(-photos * epochs // batch))
    return int((photos // batch if "rounded-down" in slips else -(-photos // batch)) * epochs)


def draw_training(rng: Random) -> dict[str, Any]:
    return {
        "photos": 10 * rng.randint(180, 420) + rng.randint(1, 9),
        "held": 10 * rng.randint(30, 60),
        "batch": rng.choice([12, 16, 20, 24, 32]),
        "epochs": rng.randint(11, 29),
        "changes": rng.randint(3, 6),
    }


SAMPLE = """Safe are changes that also happen between real X-rays: moving the image by a few pixels, turning it by a few
degrees, a little zoom, a little more or less contrast and brightness, a little noise, because patients stand
differently and machines are set differently. I would not mirror left and right, because the heart lies on the left and
its side can be a sign of an illness, and I would not turn by large angles or upside down, because such images never
come. Strong blur or cutting out small parts could remove the very spot that shows the illness, and then the label is
wrong. I would show some changed images to a doctor. The changes are drawn anew each time an image is used for training,
after reading and caching and before the network. Validation and test images are only prepared, not changed, and all
images of one patient stay on the same side of the split, which is made first."""

exercises = (
    Exercise(
        id="augmentation-effect",
        title="What it does",
        points=1,
        prompt="""A network gets nearly all of its training images right, but far fewer of the validation images. You
add augmentation: each time a training image is used, it is moved, turned and zoomed a little, at random.

**What do you expect of the network, when it has been trained anew?**""",
        key=effect.key,
        checker=effect,
        next="What could the network rely on before, and can no longer rely on now?",
    ),
    Exercise(
        id="augmentation-digits",
        title="Safe for digits",
        points=2,
        prompt="""A network learns to read single handwritten digits, 0 to 9, in images of 28 × 28 pixels.

**Which changes are safe?** The label must stay right, and somebody could have written what comes out. There are
several. Wrong picks cost points.""",
        key=digits.key,
        checker=digits,
        next="Write the ten digits on paper, and try each change on all of them.",
    ),
    Exercise(
        id="augmentation-harm",
        title="What makes the label wrong",
        points=2,
        prompt="""Each of these networks tells two classes apart.

**Which change can make a label wrong?** Find one for each kind of photo. One of the changes is left over.""",
        key=harm.key,
        checker=harm,
        next="Ask for each pair: after this change, could you still give the right label yourself?",
    ),
    Exercise(
        id="augmentation-pipeline",
        title="Where it belongs",
        points=2,
        prompt="""Your photos are stored in files. A network should be trained on them for many epochs, each photo
should look a little different in each epoch, and no changed copy of a training photo may come into validation or test.

**In which order do these steps belong?**""",
        key=pipeline.key,
        checker=pipeline,
        misconceptions=(
            Misconception(
                "changes-kept",
                "You keep the photos after they have been changed. Then the changes are drawn once, and every epoch "
                "shows the same changed photos again.",
                "Which steps should happen once, and which in every epoch?",
                key=lambda params: ("split", "read", "change", "keep", "fit"),
            ),
            Misconception(
                "divided-last",
                "You divide the photos after they have been changed. Two forms of the same photo can then lie on both "
                "sides, and the network is tested on what it has learned by heart.",
                "What must be true of a photo that a network is tested on?",
                key=lambda params: ("read", "keep", "change", "split", "fit"),
            ),
            Misconception(
                "read-first",
                "You read the training photos before you have said which ones they are.",
                "Write next to each step what it needs, and which step makes it.",
                key=lambda params: ("read", "split", "keep", "change", "fit"),
            ),
        ),
        next="Which steps should happen once, and which in every epoch?",
    ),
    Exercise(
        id="augmentation-validation",
        title="The photos for validation",
        points=1,
        prompt="""Training photos are brought to one size, their numbers are scaled to 0 to 1, and they are changed at
random. In use, later, the network will be given ordinary photos.

**What is done with the photos for validation?**""",
        key=validation.key,
        checker=validation,
        next="What should the number that you get from validation tell you?",
    ),
    Exercise(
        id="augmentation-worth",
        title="What it is worth",
        points=1,
        prompt="""You have 200 photos. Somebody says: "Make 50 changed copies of each. That is as good as 10,000
different photos."

**What do you answer?**""",
        key=worth.key,
        checker=worth,
        next="What is new in a changed photo, and what is not?",
    ),
    Exercise(
        id="augmentation-steps",
        title="The steps of your own training",
        points=2,
        prompt="""You have {photos:,} photos and keep {held} of them for validation. Your network is trained on the
others for {epochs} epochs, in batches of {batch}; the last batch of an epoch may be smaller. Each time a training photo
is used, {changes} random changes are applied to it, one after the other. The photos are changed while they are read: no
copies are stored.

**How many training steps are taken in all?** A step is one update of the weights, after one batch. Give the exact whole
number.""",
        params=draw_training,
        effort=lambda params: 3,  # subtract, divide and round up, multiply
        key=steps,
        checker=Numeric(exact=True),
        misconceptions=(
            Misconception(
                "copies",
                "You multiplied the number of photos by the number of changes. All the changes are applied to the same "
                "photo, one after the other: one photo goes in, and one comes out.",
                "How many photos go to the network, for each photo that is read?",
            ),
            Misconception(
                "all-photos",
                "You counted all photos. Those for validation are not trained on.",
                "Which photos lead to an update of the weights?",
            ),
            Misconception(
                "rounded-down",
                "You left out the last, smaller batch of each epoch. It is a batch, too, and leads to a step.",
                "How many batches of 4 do 10 photos make, when the last one may be smaller?",
            ),
            Misconception(
                "rounded-at-the-end",
                "You put all epochs together, and rounded once. A batch does not reach from one epoch into the next: "
                "each epoch ends with a batch of its own.",
                "How many batches are there in the first epoch? And in the second?",
            ),
            Misconception(
                "one-epoch",
                "You counted one epoch.",
                "Read the question once more: how often does the network see the training photos?",
            ),
            Misconception(
                "batch-ignored",
                "You counted a step for each photo. The weights are updated once for each batch.",
                "What happens after each batch, and what after each photo?",
            ),
        ),
        next="How many batches make one epoch?",
    ),
    Exercise(
        id="augmentation-words",
        title="Augmentation for X-rays",
        points=3,
        prompt="""You have 800 X-ray images of the chest, from 500 patients. Each is labelled as healthy or ill. **Plan
the augmentation:** which changes would you use, which ones not, and why? Where in the pipeline do they belong, and
which images are not changed? Five to eight sentences are enough.""",
        key=lambda params, slips: SAMPLE,
        checker=Prose(
            starter="Write your answer here, in your own words.",
            rubric=(
                Point("names two changes or more that also happen between real X-rays, and says so."),
                Point("names a change that is not safe, and says why: a wrong label, or an image that never comes."),
                Point("says that changes are drawn anew whenever a training image is used, after reading and caching."),
                Point("says that images for validation and test are not changed."),
                Point("says that all images of a patient stay on one side of the split.", weight=0.5),
            ),
        ),
    ),
)
