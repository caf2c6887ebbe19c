"""A function that makes any folder of photos ready for Inception v3."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from random import Random
from typing import Any, cast

import numpy as np
from PIL import Image, ImageOps

from autograder.checkers.function import Function, Group
from autograder.exercise import Exercise
from autograder.types import Call, Misconception, Params, Slips

from . import _camera as camera

SIZE = 299
Array = np.ndarray[Any, Any]
Photos = tuple[list[str], Array]


# ------------------------------------------------------------------------------------------------------ the reference


def load_photos(files: Mapping[str, bytes], size: int = SIZE, *, slips: Slips = frozenset()) -> Photos:
    """Return names and photos. Raises a bare Exception where a slip leads to an error of whatever type."""
    size = SIZE if "size-ignored" in slips else size
    names, photos = [], []
    for name in sorted(files):
        if "by-ending" in slips and not name.endswith((".jpg", ".png")):
            continue
        if _opened(files[name]) is not None:
            photos.append(_scaled(_square(files[name], size, slips & _OF_PIXELS), slips))
        elif "crash" in slips:
            raise Exception("a file that is no photo")
        elif "black-for-broken" in slips:
            photos.append(np.zeros((size, size, 3), np.float64 if "float64" in slips else np.float32))
        else:
            continue
        names.append(name)
    if len({photo.shape for photo in photos}) != 1:
        raise Exception("photos of different shapes")
    return names, np.stack(photos)


@lru_cache(maxsize=1024)
def _opened(file: bytes) -> Image.Image | None:
    """Return what is in a file, None if it is no photo or not all of one. Nobody may change it: it is kept."""
    try:
        image = Image.open(io.BytesIO(file))
        image.load()
    except OSError:
        return None
    return image


@lru_cache(maxsize=2048)
def _square(file: bytes, size: int, slips: Slips) -> Array:
    """Return the pixels of one photo, cut to a square of this size."""
    image = _opened(file)
    assert image is not None
    image = _coloured(image if "exif-ignored" in slips else ImageOps.exif_transpose(image), slips)
    bilinear = Image.Resampling.BILINEAR
    if "cropped-only" in slips:
        left, top = (image.width - size) // 2, (image.height - size) // 2
        image = image.crop((left, top, left + size, top + size))
    elif "squashed" in slips:
        image = image.resize((size, size), bilinear)
    elif "letterboxed" in slips:
        image = ImageOps.pad(image, (size, size), bilinear)
    else:
        image = ImageOps.fit(image, (size, size), bilinear, centering=(0, 0) if "not-centred" in slips else (0.5, 0.5))
    return np.asarray(image)


def _coloured(image: Image.Image, slips: Slips) -> Image.Image:
    """Return the photo in three channels."""
    if "modes-kept" in slips:
        return image
    if image.mode == "I;16" and "sixteen-bits-clipped" not in slips:
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if image.mode == "P" and "palette-as-grey" in slips:
        image = Image.fromarray(np.asarray(image))
    if image.mode == "CMYK" and "cmyk-as-rgb" in slips:
        return Image.fromarray(np.ascontiguousarray(np.asarray(image)[..., :3]))
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    if "alpha-dropped" in slips:
        return clear.convert("RGB")
    ground = Image.new("RGBA", image.size, "black" if "alpha-on-black" in slips else "white")
    return Image.alpha_composite(ground, clear).convert("RGB")


def _scaled(pixels: Array, slips: Slips) -> Array:
    numbers: Array = pixels.astype(np.float64 if "float64" in slips else np.float32)
    if "bgr" in slips:
        numbers = numbers[..., ::-1]
    if "of-another-network" in slips:
        means: Array = np.array([103.939, 116.779, 123.68][: numbers.shape[-1]], numbers.dtype)
        return cast("Array", numbers[..., ::-1] - means)
    if "not-scaled" in slips:
        return numbers
    if "zero-to-one" in slips:
        return numbers / 255
    if "scaled-twice" in slips:
        numbers = numbers / 255
    return numbers / 127.5 - 1


_OF_PIXELS = frozenset(
    {"exif-ignored", "cropped-only", "squashed", "letterboxed", "not-centred", "modes-kept", "sixteen-bits-clipped",
     "palette-as-grey", "cmyk-as-rgb", "alpha-dropped", "alpha-on-black"}
)  # fmt: skip
"""Slips on the way to the pixels; what the others do to them takes no time, and need not be kept."""


def reference(params: Params, slips: Slips) -> Callable[..., Photos]:
    return _reference(slips)


@lru_cache(maxsize=512)
def _reference(slips: Slips) -> Callable[..., Photos]:
    """Return the same function for the same slips, so that the checker need not call it twice with the same photos."""
    return partial(load_photos, slips=slips)


# --------------------------------------------------------------------------------------------------- the hidden photos

Drawn = dict[str, bytes]


def cases(draw: Callable[[Random], Drawn], sized: bool = True) -> Callable[[Random], tuple[Call, ...]]:
    """Return what draws one folder, and calls the function with it and with a size, unless the usual one is meant."""

    @lru_cache(maxsize=128)
    def drawn(seed: int, size: int) -> tuple[Call, ...]:
        # The order in which files are written is often that in which they are listed.
        rng = Random(seed)
        files = list(draw(rng).items())
        rng.shuffle(files)
        return (Call(kwargs={"size": size} if sized else {}, files=dict(files)),)

    return lambda rng: drawn(rng.getrandbits(64), rng.randint(36, 44))


def numbered(rng: Random, photos: Mapping[str, bytes]) -> Drawn:
    """Return the files under new names: "a.jpg" becomes "photo-47.jpg"."""
    numbers = rng.sample(range(10, 100), len(photos))
    return {f"photo-{number}.{name.split('.')[1]}": photos[name] for number, name in zip(numbers, photos, strict=True)}


def square(rng: Random) -> Image.Image:
    side = rng.randint(80, 96)
    return camera.photo(rng, side, side)


def oblong(rng: Random, upright: bool) -> Image.Image:
    short = rng.randint(64, 80)
    long = round(short * rng.uniform(1.6, 1.9))
    return camera.photo(rng, short, long) if upright else camera.photo(rng, long, short)


def plain(rng: Random) -> Drawn:
    return numbered(rng, {"a.jpg": camera.jpeg(square(rng)), "b.png": camera.png(square(rng))})


def not_square(rng: Random) -> Drawn:
    made = {"a.jpg": camera.jpeg(oblong(rng, upright=False)), "b.jpg": camera.jpeg(oblong(rng, upright=True))}
    return numbered(rng, made)


def grey(rng: Random) -> Drawn:
    one, other = square(rng).convert("L"), square(rng).convert("L")
    return numbered(rng, {"a.jpg": camera.jpeg(one), "b.png": camera.png(other)})


def palette(rng: Random) -> Drawn:
    return numbered(rng, {"a.png": camera.png(camera.with_palette(square(rng), rng))})


def transparent(rng: Random) -> Drawn:
    colour, shades, few = square(rng), square(rng).convert("L"), square(rng)
    made = (camera.with_alpha(colour, rng), camera.with_alpha(shades, rng), camera.with_clear_colours(few, rng))
    return numbered(rng, {f"{name}.png": camera.png(image) for name, image in zip("abc", made, strict=True)})


def printed(rng: Random) -> Drawn:
    return numbered(rng, {"a.jpg": camera.jpeg(square(rng).convert("CMYK"))})


def deep(rng: Random) -> Drawn:
    return numbered(rng, {"a.png": camera.png(camera.grey_of_16_bits(square(rng)))})


def turned(rng: Random) -> Drawn:
    ways = (3, rng.choice([6, 8]), rng.choice([2, 4, 5, 7]))
    return numbered(rng, {f"{way}.jpg": camera.jpeg(square(rng), turned=way) for way in ways})


def broken(rng: Random) -> Drawn:
    whole, half = camera.jpeg(square(rng)), camera.cut_short(camera.jpeg(square(rng)))
    note = b"This is a list of the photos in this folder.\n" * rng.randint(2, 9)
    return numbered(rng, {"a.jpg": whole, "b.jpg": half, "c.jpg": note, "d.png": b"", "e.txt": note})


def endings(rng: Random) -> Drawn:
    made = [square(rng) for _ in range(4)]
    writers = {"a.JPG": camera.jpeg, "b.jpeg": camera.jpeg, "c.PNG": camera.png, "d.jpg": camera.jpeg}
    return numbered(rng, {name: writers[name](image) for name, image in zip(writers, made, strict=True)})


def groups() -> Iterator[Group]:
    yield Group("square photos in colour", cases(plain), weight=2)
    yield Group("landscape and portrait photos", cases(not_square), weight=2)
    yield Group("grey photos", cases(grey))
    yield Group("photos with a palette", cases(palette))
    yield Group("photos with transparent parts", cases(transparent), weight=2)
    yield Group("CMYK photos", cases(printed))
    yield Group("grey photos of 16 bits", cases(deep))
    yield Group("photos that the camera held turned", cases(turned), weight=2)
    yield Group("a folder with broken files", cases(broken), weight=2)
    yield Group("names with other endings", cases(endings))
    yield Group(
        "a call without a size", cases(lambda rng: numbered(rng, {"a.jpg": camera.jpeg(square(rng))}), sized=False)
    )


# -------------------------------------------------------------------------------------------------------- the exercise

exercise = Exercise(
    id="load-photos",
    title="Any folder of photos",
    points=8,
    prompt="""**Write a function `load_photos(folder, size=299)` that reads all photos in a folder**, and returns two
things, `names, photos`:

- `names`: a list of the names of the files that were read, such as `"cat.jpg"`, in the order of `sorted`;
- `photos`: an array of type float32 and shape `(n, size, size, 3)`, in the same order, with colours in the order
  red, green, blue, each from -1 (none) to 1 (full).

The folder holds files only, and at least one good photo. These are the rules:

1. **Proportions are kept.** The photo is scaled so that its shorter side gets `size` pixels, and the square in its
   middle is cut out.
2. **Turned photos** are set upright, as their EXIF orientation says.
3. **Three channels**, whatever the file has. Grey becomes grey: three equal channels. Photos with a palette and CMYK
   photos show their colours. Of grey photos with 16 bits, 0 is black and 65,535 is white.
4. **Transparent parts** show a white ground; what is half transparent is mixed with white.
5. **Files that are no photo, and photos of which a part is missing,** are left out.
6. Names may end in `.jpg`, `.jpeg` or `.png`, in small letters or capitals. Do not trust them: a text can be called
   `cat.jpg`.

Pillow, TensorFlow and Keras make photos smaller in slightly different ways. All of them are right.""",
    key=reference,
    checker=Function(
        signature="load_photos(folder, size=299)", groups=tuple(groups()), average=0.08, seconds=10.0,
    ),
    misconceptions=(
        Misconception(
            "zero-to-one",
            "Your numbers go from 0 to 1. Inception v3 was trained on numbers from -1 to 1: your black is its middle "
            "grey, and it never sees anything dark.",
            "Which number must 0 become, and which 255?",
        ),
        Misconception(
            "not-scaled",
            "Your numbers still go from 0 to 255. For a network that was trained on small numbers, every photo is far "
            "brighter than white.",
            "Print the smallest and the largest number of what your function returns.",
        ),
        Misconception(
            "scaled-twice",
            "Your photos are scaled twice, one time by you and one time by a function that expects 0 to 255. Every "
            "photo is almost black.",
            "Print the smallest and the largest number before and after each step.",
        ),
        Misconception(
            "of-another-network",
            "You prepared the photos for another network. There is a `preprocess_input` for each; that of VGG and "
            "ResNet subtracts a mean colour and swaps red and blue.",
            "From which module do you import `preprocess_input`?",
        ),
        Misconception(
            "bgr",
            "Red and blue are swapped: your channels are in the order blue, green, red, as OpenCV reads them.",
            "Draw one of your photos with `plt.imshow((photo + 1) / 2)`. What colour is the sky?",
        ),
        Misconception(
            "float64",
            "The numbers are right, but of type float64. They take twice the memory, and a network turns them into "
            "float32 anyway.",
            "Print `photos.dtype` after each step. Which step makes it larger?",
        ),
        Misconception(
            "squashed",
            "Your photos are squeezed: both sides were scaled to the same length, by different factors. Circles become "
            "ellipses, and things get shapes that the network has not learned.",
            "By which factor must the longer side be scaled, if nothing may change its shape?",
        ),
        Misconception(
            "letterboxed",
            "You made the longer side fit, and filled the rest with bars. Proportions are kept, but the rule asks for "
            "a square that is full of photo.",
            "Which of the two sides does the first rule speak of?",
        ),
        Misconception(
            "not-centred",
            "You cut the square out at the upper left. What a photo is about is more often in its middle.",
            "How many pixels are too many, and how many of them must go on each side?",
        ),
        Misconception(
            "cropped-only",
            "You cut the square out without scaling the photo first. Of a large photo only a small spot is left.",
            "The first rule has two steps. In which order are they done?",
        ),
        Misconception(
            "exif-ignored",
            "Photos that were taken with a turned camera lie on their side, or stand on their head. The pixels are "
            "stored as the sensor saw them; a note in the file, the EXIF orientation, says how to turn them.",
            "Pillow's `ImageOps.exif_transpose`.",
        ),
        Misconception(
            "alpha-dropped",
            "You left out the alpha channel without using it. Transparent pixels have colours, too, which nobody is "
            "meant to see, and now they are seen.",
            "What `convert` does with transparency, and what `Image.alpha_composite` does.",
        ),
        Misconception(
            "alpha-on-black",
            "Your transparent parts are black. The rule asks for another ground.",
            "Which colour has the image that you put the photo on?",
        ),
        Misconception(
            "modes-kept",
            "You kept the channels as they were in the file: one, two, three or four. An array needs the same shape "
            "for all photos, and the network needs three channels. A palette's numbers are not even colours.",
            "Print `image.mode` for each of the example photos.",
        ),
        Misconception(
            "sixteen-bits-clipped",
            "Grey photos of 16 bits come out nearly white. Pillow's `convert` does not divide their values: whatever "
            "is above 255 becomes 255.",
            "Look at the smallest and the largest number of such a photo before you convert it.",
        ),
        Misconception(
            "palette-as-grey",
            "You took the numbers of a photo with a palette for shades of grey. They are places in a list of colours.",
            "What `image.convert` does with an image of mode P.",
        ),
        Misconception(
            "cmyk-as-rgb",
            "You took cyan, magenta and yellow for red, green and blue. CMYK is about ink: more of it makes a photo "
            "darker, and there is black ink besides.",
            "What `image.convert` does with an image of mode CMYK.",
        ),
        Misconception(
            "crash",
            "Your function stops with an error at the first file that is no good photo. Folders of real photos always "
            "have some of these.",
            "What must be inside `try`? A photo of which the end is missing opens well: the error comes when its "
            "pixels are read.",
        ),
        Misconception(
            "black-for-broken",
            "You put an empty picture where a file could not be read. A network would learn from it as from all the "
            "others.",
            "Which list grows, and where, when a file is broken?",
        ),
        Misconception(
            "by-ending",
            "You read only names that end in .jpg or .png. Cameras also write .JPG, and others .jpeg.",
            "What `\".JPG\".lower()` gives; or how to find out without looking at the name at all.",
        ),
        Misconception(
            "size-ignored",
            "Your photos are always of the same size. Your function is also called with another `size`, because other "
            "networks want other photos.",
            "Where does the number 299 stand in your function?",
        ),
    ),
    next="Make the example photos of the kind that is named above, and look at what your function makes of them.",
)  # fmt: skip
