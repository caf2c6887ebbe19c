"""load_photos as students write it, in the kernel's own environment: good ways that differ, and every misconception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from autograder.build import worked_solution
from autograder.cells import source
from autograder.course import load_course
from autograder.judge import judge
from autograder.pool import variant
from autograder.sources import read_sources
from autograder.types import Limits, Verdict
from course.photos import _camera as camera
from course.photos.load_photos import exercise, load_photos, square
from tests.sandbox.jobs import check, run

COURSE = load_course(Path(__file__).parents[2])
NEEDED = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from pathlib import Path
import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps
"""
FIT = "ImageOps.fit(solid, (size, size))"
SCALED = 'pixels.astype("float32") / 127.5 - 1'
ON_WHITE = 'Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")'
MISTAKES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "zero-to-one": ((SCALED, 'pixels.astype("float32") / 255'),),
    "not-scaled": ((SCALED, 'pixels.astype("float32")'),),
    "scaled-twice": ((SCALED, "keras.applications.inception_v3.preprocess_input(pixels / np.float32(255))"),),
    "of-another-network": ((SCALED, 'keras.applications.vgg16.preprocess_input(pixels.astype("float32"))'),),
    "bgr": ((f"np.asarray({FIT})", f"np.asarray({FIT})[..., ::-1]"),),
    "float64": ((SCALED, "pixels / 127.5 - 1"),),
    "squashed": ((FIT, "solid.resize((size, size))"),),
    "letterboxed": ((FIT, "ImageOps.pad(solid, (size, size))"),),
    "not-centred": ((FIT, "ImageOps.fit(solid, (size, size), centering=(0, 0))"),),
    "cropped-only": ((FIT, "tf.image.resize_with_crop_or_pad(np.asarray(solid), size, size)"),),
    "exif-ignored": (("ImageOps.exif_transpose(image)", "image.copy()"),),
    "alpha-dropped": ((ON_WHITE, 'clear.convert("RGB")'),),
    "alpha-on-black": (('"white"', '"black"'),),
    "modes-kept": (('upright.mode == "I;16"', "False"), (ON_WHITE, "upright")),
    "sixteen-bits-clipped": (('upright.mode == "I;16"', "False"),),
    "palette-as-grey": (
        ('clear = upright.convert("RGBA")',
         'clear = (Image.fromarray(np.asarray(upright)) if upright.mode == "P" else upright).convert("RGBA")'),
    ),
    "cmyk-as-rgb": (
        ('clear = upright.convert("RGBA")',
         'bare = Image.fromarray(np.asarray(upright)[..., :3].copy()) if upright.mode == "CMYK" else upright\n'
         '    clear = bare.convert("RGBA")'),
    ),
    "crash": (("except OSError", "except KeyError"),),
    "black-for-broken": (("continue", 'photo = np.zeros((size, size, 3), "float32")'),),
    "by-ending": (("Path(folder).iterdir()", 'p for p in Path(folder).iterdir() if p.suffix in (".jpg", ".png")'),),
    "size-ignored": (("photo = load_photo(path, size)", "photo = load_photo(path, 299)"),),
}  # fmt: skip
COMBINED = {"zero-to-one+squashed": (*MISTAKES["zero-to-one"], *MISTAKES["squashed"])}
OTHER_WAYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "worked-solution": (),
    "keras": ((FIT, 'keras.preprocessing.image.smart_resize(np.asarray(solid, "float32"), (size, size))'),),
    "cut-first-coarsely": (
        (FIT, "solid.crop(((solid.width - min(solid.size)) // 2, (solid.height - min(solid.size)) // 2,"
              " (solid.width + min(solid.size)) // 2, (solid.height + min(solid.size)) // 2))"
              ".resize((size, size), Image.Resampling.NEAREST)"),
    ),
    "tensorflow": (
        (f"return scale_pixels(np.asarray({FIT}))",
         """factor = size / min(solid.size)
    shape = round(solid.height * factor), round(solid.width * factor)
    resized = tf.image.resize(np.asarray(solid), shape)
    return tf.image.resize_with_crop_or_pad(resized, size, size).numpy() / 127.5 - 1"""),
    ),
}  # fmt: skip
DECODED_BY_TENSORFLOW = """
def load_photos(folder, size=299):
    names, photos = [], []
    for name in sorted(os.listdir(folder)):
        try:
            file = tf.io.read_file(os.path.join(folder, name))
            photo = tf.io.decode_image(file, channels=3, expand_animations=False)
        except tf.errors.InvalidArgumentError:
            continue
        height, width = photo.shape[:2]
        factor = size / min(height, width)
        photo = tf.image.resize(photo, (round(height * factor), round(width * factor)))
        names.append(name)
        photos.append(tf.image.resize_with_crop_or_pad(photo, size, size))
    return names, keras.applications.inception_v3.preprocess_input(tf.stack(photos))
"""


def worked() -> str:
    """The functions of the notebook's worked solution."""
    notebook = worked_solution(read_sources(COURSE, COURSE.assignment("photos"))[0]["photos"])
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): source(cell) for cell in notebook["cells"]}
    return "\n\n".join(cells[name].replace("    ...\n", "") for name in ("scale-pixels-work", "load-photos-work"))


def changed(code: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert old in code, f"the worked solution says it in other words now: {old}"
        code = code.replace(old, new)
    return code


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """All of these students in one confined kernel, one after the other."""
    students = {name: changed(worked(), changes) for name, changes in {**MISTAKES, **COMBINED, **OTHER_WAYS}.items()}
    students["decoded-by-tensorflow"] = DECODED_BY_TENSORFLOW
    asked = variant(exercise, {}, seed=2026)
    probe = exercise.checker.probe(asked)
    cells = [cell for name, code in students.items() for cell in (code, check(name, "load_photos", "function"))]
    done = run(
        NEEDED, *cells, probes=[replace(probe, exercise=name) for name in students],
        limits=Limits(cell_seconds=120, seconds=500, cpu_seconds=500, value_mb=64),
    )  # fmt: skip
    return {
        name: judge(exercise, asked, replace(done.evidence[name], probe=probe.digest, variant=None))
        for name in students
    }


@pytest.mark.kernel
@pytest.mark.tensorflow
@pytest.mark.parametrize("way", OTHER_WAYS)
def test_photos_may_be_made_smaller_in_any_good_way(way: str, verdicts: Mapping[str, Verdict]) -> None:
    assert verdicts[way].score == 1, verdicts[way].message


@pytest.mark.kernel
@pytest.mark.tensorflow
@pytest.mark.parametrize("mistake", [*MISTAKES, *COMBINED])
def test_each_mistake_is_diagnosed_in_code_as_students_write_it(mistake: str, verdicts: Mapping[str, Verdict]) -> None:
    verdict = verdicts[mistake]
    assert verdict.misconception == mistake, (verdict.message, verdict.note)


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_tensorflow_alone_reads_all_but_transparency_and_orientation(verdicts: Mapping[str, Verdict]) -> None:
    verdict = verdicts["decoded-by-tensorflow"]
    right, wrong = verdict.message.split("Not right yet for:")
    assert ("transparent" in wrong, "camera held turned" in wrong) == (True, True)
    assert ("transparent" in right, "camera held turned" in right) == (False, False)
    assert verdict.score == 12 / 16
    assert verdict.misconception == "exif-ignored+alpha-dropped"


def test_every_misconception_is_tried_in_a_kernel() -> None:
    assert {misconception.id for misconception in exercise.slips} == set(MISTAKES)


@pytest.mark.parametrize("resample", [Image.Resampling.NEAREST, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
def test_what_any_filter_gives_lies_well_within_the_tolerance(resample: Image.Resampling) -> None:
    def differences(other: Callable[[Image.Image], Image.Image]) -> float:
        from random import Random

        photos = [square(Random(seed)) for seed in range(20)]
        return max(
            float(
                np.abs(np.asarray(other(photo)) / 127.5 - 1 - load_photos({"a.png": camera.png(photo)}, 40)[1]).mean()
            )
            for photo in photos
        )

    assert differences(lambda photo: ImageOps.fit(photo, (40, 40), resample)) < 0.06
