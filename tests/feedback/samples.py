"""A class as it could have been graded: fifteen students, two assignments, every kind of verdict, hostile ones too."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace
from random import Random
from typing import Any

from autograder.types import Receipt, Remark, Report, Verdict

ARITHMETIC = {
    "fixed-parameters": ("Parameters of the fixed network", 2.0),
    "fixed-memory-predict": ("Memory to predict one image", 2.0),
    "fixed-memory-train": ("Memory to train on a batch of 50", 2.0),
    "output-shape": ("Shape of the last output", 3.0),
    "parameters": ("Parameters of your own stack", 3.0),
    "memory-predict": ("Memory to predict with your own stack", 3.0),
    "memory-train": ("Memory to train your own stack", 3.0),
    "count-parameters": ("A function that counts any stack", 4.0),
    "which-grows": ("Which part grows with the image?", 2.0),
    "what-is-kept": ("What is kept in memory during training", 3.0),
    "why-more": ("Why training needs more memory", 3.0),
}
MNIST = {
    "prepare": ("Prepare the images", 3.0),
    "which-loss": ("Choose the loss", 2.0),
    "classifier": ("Your classifier", 10.0),
    "reflect": ("Look back", 3.0),
}
TITLES = {"arithmetic": "Counting what a network costs", "mnist": "Handwritten digits"}
SCRIPT = "<script>alert('canary')</script>"
HOSTILE = f'{SCRIPT}<img src=x onerror=alert(1)>"\'><svg onload=alert(2)><a href="javascript:alert(3)">go</a>'
STUDENTS = (
    "ada", "amina.el-sayed", "bao", "chloé", "dmitri", "elif", "farid", "grace", "hana", "jon.smith-williams",
    "=cmd('calc')", SCRIPT, "מירי כהן", "nia", "omar",
)  # fmt: skip
WRONG = {
    "fixed-parameters": (
        "no-bias",
        "Not yet.\n\nYour number is what the weights come to. Each filter has a bias too, trained like a weight.",
        "Count the biases of one layer: `filters` of them.",
    ),
    "parameters": (
        "no-bias+reversed",
        "Not yet.\n\nThe biases are missing.\n\nThe layers were read backwards.",
        "The input channels of a layer are the filters of the layer before it.",
    ),
    "memory-predict": (
        "bits",
        "Your number is eight times too large, which is what happens when a float is counted as 32 bytes.",
        "float32 has 32 bits, and a byte has 8 bits.",
    ),
    "fixed-memory-train": (
        "input-forgotten",
        "The batch of images itself is missing from your sum.",
        "Everything that backpropagation needs is kept: what goes in as well.",
    ),
}
HISTORY = {
    "loss": [0.412, 0.121, 0.083, 0.061, 0.049, 0.041, 0.034, 0.029],
    "val_loss": [0.142, 0.094, 0.071, 0.066, 0.058, 0.061, 0.055, 0.057],
    "accuracy": [0.874, 0.962, 0.974, 0.981, 0.985, 0.987, 0.989, 0.991],
    "val_accuracy": [0.957, 0.971, 0.978, 0.98, 0.983, 0.982, 0.985, 0.984],
}


def facts(at: float = 0.9834, **more: Any) -> dict[str, Any]:
    return {
        "accuracy": at,
        "low": max(0.0, at - 0.0031),
        "high": min(1.0, at + 0.0028),
        "n": 5000,
        "steps": [[0.90, 0.25], [0.96, 0.5], [0.98, 0.75], [0.99, 1.0]],
        "credited_at": 0.98,
        "history": HISTORY,
        "parameters": 93_322,
        "baseline": 0.1,
        **more,
    }


def png(width: int = 240, height: int = 120) -> bytes:
    """A gradient, made by hand so that the tests need no other library."""
    rows = b"".join(b"\0" + bytes((x * 255 // width) ^ (y & 0x30) for x in range(width)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def code(source: str, *outputs: dict[str, Any], grade_id: str = "", count: int = 1) -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id, "grade": True}} if grade_id else {}
    return {
        "cell_type": "code",
        "source": source,
        "metadata": metadata,
        "execution_count": count,
        "outputs": list(outputs),
    }


def stream(text: Any, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {k.replace("_", "/"): v for k, v in data.items()}, "metadata": {}}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def lesson() -> dict[str, Any]:
    """What an executed notebook looks like."""
    trace = [
        "\x1b[0;31m---------------------------------------------------------------------------\x1b[0m",
        "\x1b[0;31mNameError\x1b[0m                                 Traceback (most recent call last)",
        "Cell \x1b[0;32mIn[5]\x1b[0m, line 1\n\x1b[0;32m----> 1\x1b[0m \x1b[38;5;28mprint\x1b[39m(totl)",
        "\x1b[0;31mNameError\x1b[0m: name 'totl' is not defined",
    ]
    return notebook(
        code('from handin import ask, check\nme = ""   # Away from JupyterHub, write your user name here.'),
        markdown(
            "# Counting what a network costs\n\n"
            "A layer with $f$ filters of size $k \\times k$ over $c$ channels has\n\n"
            "$$ f \\, (k^2 c + 1) $$\n\nparameters. "
            "See [the *chapter*](https://example.org/cnn) and `model.summary()`.\n\n"
            "### What counts\n\n- weights\n- biases\n\n| layer | maps |\n|---|---:|\n| first | 100 |\n| last | 400 |\n"
        ),
        code(
            "# weights and biases of the three layers\ndef layer(filters, channels, kernel=3):\n"
            "    return filters * (kernel**2 * channels + 1)\n\n"
            "total = layer(100, 3) + layer(200, 100) + layer(400, 200)\n"
            'print(f"{total:,} parameters")',
            stream("903,400 parameters\n"),
            count=2,
        ),
        code(
            'check("parameters", total)',
            stream("Read as 903,400. Handed in, not graded here.\n"),
            grade_id="parameters",
            count=3,
        ),
        code("plt.imshow(image)", shown(image_png=base64.b64encode(png()).decode(), text_plain="<Figure>"), count=4),
        code("print(totl)", {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": trace}, count=5),
        code(
            "model.fit(x, y)",
            stream("2026-11-22 08:29:31.1 I tensorflow/core: This binary is optimized\n", "stderr"),
            *[stream(f"Epoch {i}/30\n\r 1/188 ━━ 0s\r188/188 ━━━━━━ loss: {1 / i:.4f}\n") for i in range(1, 31)],
            count=6,
        ),
        code("table", shown(text_html="<b>bold</b>"), count=7),
    )


def verdict(exercise: str, points: float, rng: Random, skill: float) -> Verdict:
    """One realistic verdict; the better the skill, the more often the right one."""
    if exercise in ("why-more", "reflect"):
        return Verdict(None, "Your words are with the course staff. Prose is read by a person.", note="prose")
    if exercise == "classifier":
        accuracy = round(0.93 + 0.065 * min(1.0, max(0.0, skill + rng.gauss(0, 0.15))), 4)
        score = 1.0 if accuracy > 0.9872 else 0.75 if accuracy > 0.9772 else 0.5
        return Verdict(
            score,
            (
                f"Your model names {accuracy:.2%} of 5,000 hidden images right. Another set would give a number "
                f"a little higher or lower, so the upper end of the interval counts for you: {accuracy + 0.0028:.2%}."
            ),
            facts=facts(accuracy),
        )
    if rng.random() < skill:
        return Verdict(1.0, "Right.", read="903,400" if "param" in exercise else "12.6 MB = 12,600,000 bytes")
    if exercise in WRONG and rng.random() < 0.7:
        name, message, following = WRONG[exercise]
        return Verdict(0.0, message, read="902,700", misconception=name, next=following)
    if exercise == "count-parameters":
        return Verdict(
            0.5,
            "Your function is right for square kernels, and not for kernels that are not square.",
            next="Look at how `kernel_size` is written when height and width differ.",
        )
    if exercise == "what-is-kept":
        return Verdict(2 / 3, "Two of your three choices are right.\n- activations: yes\n- gradients: yes", read="3")
    return Verdict(0.0, "That is not it yet.", read="903400.5", next="Compare with the worked example of section 2.")


def reports() -> list[Report]:
    rng = Random(7)
    made = []
    for place, student in enumerate(STUDENTS):
        skill = (0.97, 0.92, 0.85, 0.9, 0.6, 0.75, 0.5, 0.95, 0.7, 0.65, 0.55, 0.8, 0.88, 0.3, 0.78)[place]
        for assignment, exercises in (("arithmetic", ARITHMETIC), ("mnist", MNIST)):
            verdicts = {e: verdict(e, p, rng, skill) for e, (_, p) in exercises.items()}
            report = Report(
                assignment,
                student,
                verdicts,
                {e: p for e, (_, p) in exercises.items()},
                {e: t for e, (t, _) in exercises.items()},
                receipt=Receipt("9f2c51aa" * 8, "2026-11-20T17:42:11+00:00", tuple(exercises)[: 99 if place else -1]),
                tier="bubblewrap, without network",
                seconds=41.0 + place * 7,
                cpu_seconds=60.0 + place * 11,
                release="ad3f5b2c9e1d0f47",
            )
            made.append(_happened(report, place))
    return made


def _happened(report: Report, place: int) -> Report:
    """What makes some of them special."""
    verdicts = dict(report.verdicts)
    if place == 6 and report.assignment == "mnist":
        return replace(report, lost="worker died: OSError: [Errno 28] No space left on device", verdicts={})
    if place == 4 and report.assignment == "arithmetic":
        verdicts["memory-train"] = Verdict(
            None, "We could not tell which number you mean, so a person will look.", read="1.234,5", note="ambiguous"
        )
        return replace(report, verdicts=verdicts)
    if place == 8 and report.assignment == "mnist":
        verdicts["classifier"] = Verdict(
            None,
            "Your model holds a Lambda layer, which we do not open. A person will look at it.",
            note="layers: Lambda (my_layer)",
        )
        return replace(report, verdicts=verdicts)
    if place == 9:
        repair = Remark(
            "A cell that checks your answer was copied; the last one counts.", "cell 12: copy of parameters"
        )
        return replace(report, remarks=(repair,))
    if place == 13 and report.assignment == "arithmetic":
        gone = Remark("The check of “Shape of the last output” was missing and was put back.", "check cell was deleted")
        tamper = Remark("", "skip-execution tag on 3 locked cells; model.predict was replaced")
        return replace(report, remarks=(gone, tamper))
    if place == 10 and report.assignment == "mnist":
        verdicts["which-loss"] = Verdict(
            None,
            "Something went wrong on our side while this was graded. You lose nothing; staff have been told.",
            note="ZeroDivisionError: division by zero\n  File choice.py, line 40, in check\n",
            failed=True,
        )
        return replace(report, verdicts=verdicts)
    if place == 14:
        verdicts[next(iter(verdicts))] = Verdict(None, "The question changed since.", needs_run=True)
        return replace(report, verdicts=verdicts)
    return report


def hostile() -> Report:
    """Every string of a report is an attack."""
    bad = HOSTILE
    nasty = Verdict(
        0.5, bad, note="NOTE-FOR-STAFF " + bad, read=bad * 60, misconception=bad, next=bad,
        facts=facts(history={"loss": [bad, float("nan"), 1e308], bad: [1]}, steps=bad),
    )  # fmt: skip
    return Report(
        bad,
        bad,
        {bad: nasty, "b": replace(nasty, score=None)},
        {bad: 2.0, "b": 1.0},
        {bad: bad, "b": bad},
        remarks=(Remark(bad, "STAFF-REMARK " + bad),),
        receipt=Receipt(bad, bad, (bad,)),
        tier=bad,
        seconds=1.0,
        release=bad,
    )


def hostile_notebook() -> dict[str, Any]:
    bad = HOSTILE
    links = (
        "[a](javascript:alert(1)) [b](data:text/html,x) [c](//evil.test) [d](#x) [e](vbscript:x) [f](\x01javascript:x)"
    )
    pictures = "![x](https://evil.test/x.png) ![y](attachment:y.png) <javascript:alert(1)> <https://ok.test>"
    fake = base64.b64encode(b"GIF89a" + b"\0" * 100).decode()
    return notebook(
        markdown(
            f"# {bad}\n\n{links}\n\n{pictures}\n\n```{bad}\n{bad}\n```\n\n${bad}$\n\n$$\n{bad}\n$$\n\n| {bad} |\n|---|"
        ),
        code(bad, stream(bad), stream(bad, "stderr"), count=1),
        code("1", shown(text_html=bad), shown(image_svg_xml=bad), shown(application_javascript="alert(1)")),
        code("2", shown(image_png=fake), shown(image_png='x" onerror="alert(1)'), shown(image_png=["", 3, None])),
        code("3", {"output_type": "error", "ename": bad, "evalue": bad, "traceback": [bad]}),
        {"cell_type": "raw", "source": bad, "metadata": {"nbgrader": {"grade_id": bad}}},
        {"cell_type": bad, "source": [bad, 3, None], "outputs": bad},
    )
