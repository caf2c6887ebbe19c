"""What goes wrong when photos are prepared in another way than in training?"""

from autograder.checkers.prose import Point, Prose
from autograder.exercise import Exercise

SAMPLE = """I had written pixels / 255, so my numbers went from 0 to 1. There is no error message: the shape is
right, the network computes as always, and gives probabilities. But it learned its filters and biases on numbers from
-1 to 1, where 0 is a middle grey. For it my photos have no dark part at all, so its answers get worse and less sure,
and nothing says so. I would find it by printing minimum and maximum of a batch, by drawing some photos as the
network gets them, and by trying photos of which I know the answer."""

exercise = Exercise(
    id="photos-look",
    title="A mistake that makes no noise",
    points=3,
    prompt="""Choose one mistake in preparing photos: one that you made yourself in this notebook, or that you tried
out on the example photos or on photos of your own.

**Describe it in four to six sentences.** What does a network get to see that was trained on well prepared photos?
Why is there no error message? And how would you notice?""",
    key=lambda params, slips: SAMPLE,
    checker=Prose(
        rubric=(
            Point("names one mistake, and says what it does to the numbers or to what is seen."),
            Point("says why a network suffers: it was trained on photos that were prepared in another way."),
            Point("says why nothing fails: shape and type are right, and the network answers anything."),
            Point("names a way to notice: range, a drawn photo, photos with a known answer."),
        ),
    ),
)
