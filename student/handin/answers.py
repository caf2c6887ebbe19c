"""How check() reads an answer: one function for each kind. It says what was understood, never whether it is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from handin import quiz
from handin.plain import MISSING, plain
from handin.questions import HandInError, Question


def read(question: Question, answer: object) -> str:
    """Return what was understood, for the student; raise HandInError for what is missing or can't be read."""
    reader = _READERS.get(question.kind)
    if reader is None:
        raise HandInError(f"This program can't read answers of kind {question.kind}. Try: pip install --upgrade handin")
    return reader(question, answer)


def _number(question: Question, answer: object) -> str:
    from handin import numbers

    reading = numbers.read(answer)
    if reading.problem:
        raise HandInError(reading.problem)
    unit = question.form.get("unit") or ""
    if reading.unit is None and unit and question.form.get("bare"):
        return f"{reading.shown} {unit}"
    if reading.unit is None and unit:
        raise HandInError(
            f"I read the number {reading.shown}, but it needs a unit, such as {unit}. "
            f'Write both in quotes: "{reading.shown} {unit}", if that is your unit.'
        )
    if numbers.in_unit(reading, unit) is None:
        asked = f"a unit such as {unit}" if unit else "a plain number, without a unit"
        raise HandInError(
            f"I read {reading.shown}, but {reading.unit} doesn't fit here: the question asks for {asked}."
        )
    return reading.shown


def _value(question: Question, answer: object) -> str:
    entries: list[str] = question.form.get("entries") or []
    if not entries:
        value = plain(answer, "a plain value")
        if value is None or value == "":
            raise HandInError(MISSING)
        return _short(value)
    from handin.numbers import read_row

    row, order = read_row(answer), f"({', '.join(entries)})"
    if row is None:
        raise HandInError(f"I can't read this as a row of whole numbers. Write {len(entries)} of them: {order}.")
    if not row:
        raise HandInError(f"{MISSING} Write {len(entries)} whole numbers: {order}.")
    if len(row) != len(entries):
        count = "1 number" if len(row) == 1 else f"{len(row)} numbers"
        raise HandInError(f"These are {count}, and {len(entries)} are asked for: {order}.")
    return ", ".join(f"{name} {number:,}" for name, number in zip(entries, row, strict=True))


def _text(question: Question, answer: object) -> str:
    text = plain(answer, "text in quotes")
    if not isinstance(text, str) or not text.strip():
        raise HandInError(f"{MISSING} Write text in quotes.")
    return f"{len(text.split()):,} words, for a person to read"


def _function(question: Question, answer: object) -> str:
    from inspect import isclass, signature

    wanted: str = question.form.get("signature") or ""
    shape = f", such as {wanted}" if wanted else ""
    if answer is None or answer is Ellipsis:
        raise HandInError(f"{MISSING} Hand in a function{shape}.")
    if not callable(answer) or isclass(answer):
        raise HandInError("This is not a function. Hand in the function itself: its name alone, without parentheses.")
    try:
        own = signature(answer)
    except (TypeError, ValueError):  # some builtins do not tell
        return "a function"
    name = str(getattr(answer, "__name__", "your function"))[:60]
    names = _arguments(question.form)
    if names is not None:
        try:
            own.bind(*names)
        except TypeError:
            raise HandInError(
                f"{name}{own} can't be called with {len(names)} argument{'s' * (len(names) != 1)}{shape}. "
                "Change what stands between the parentheses after def."
            ) from None
    return "\n".join([f"the function {name}{own}", *_examples(answer, name, question.form.get("examples") or [])])


def _arguments(form: Mapping[str, Any]) -> list[str] | None:
    """What the function will be called with, as far as the form says."""
    import ast

    if form.get("arguments") is not None:
        return [str(name) for name in form["arguments"]]
    try:
        tree = ast.parse(f"def {form['signature']}: pass").body[0]
    except (KeyError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef) or tree.args.vararg or tree.args.kwarg:
        return None
    return [argument.arg for argument in tree.args.args][: len(tree.args.args) - len(tree.args.defaults)]


def _examples(function: Callable[..., object], name: str, examples: Iterable[Mapping[str, Any]]) -> list[str]:
    """Calls on inputs that everybody may see."""
    lines = []
    for example in examples:
        args, kwargs = example.get("args", []), example.get("kwargs", {})
        written = ", ".join([*map(_short, args), *(f"{key}={_short(value)}" for key, value in kwargs.items())])
        try:
            result = f"returns {_short(function(*args, **kwargs))}"
        except Exception as error:  # the student's own; it is what the example is there to show
            result = f"raises {type(error).__name__}: {error}"
        lines.append(f"  {name}({written}) {result[:200]}")
    return lines


def _model(question: Question, answer: object) -> str:
    if answer is None or answer is Ellipsis:
        raise HandInError(f"{MISSING} Hand in your trained model.")
    if type(answer).__name__ == "History":
        raise HandInError("This is what fit() returned, the history of the training. Hand in the model itself.")
    described: Any = answer
    try:
        to_json, parameters = described.to_json, described.count_params
    except Exception:
        raise HandInError(
            f"This is a {type(answer).__name__[:60]}, not a Keras model. Hand in the model itself, trained."
        ) from None
    try:
        config = json.loads(to_json())
    except Exception:
        raise HandInError(_undescribed()) from None
    _check_layers(config)
    try:
        count, shape_in, shape_out = int(parameters()), described.input_shape, described.output_shape
    except Exception:
        raise HandInError(
            "This model has no shape yet. Make keras.Input(shape=...) its first layer, and train it before this cell."
        ) from None
    _check_size(question.form, count)
    _check_shapes(question.form, shape_in, shape_out)
    return f"a model of {count:,} parameters, input {_shape(shape_in)}, output {_shape(shape_out)}"


def _undescribed() -> str:
    return (
        "Keras can't describe this model, because something in it is not one of Keras's own layers. Build it from "
        "standard layers with keras.Sequential([...]) or the functional API."
    )


def _check_layers(config: Any) -> None:
    from handin.layers import refused

    lines = [f"- {r.layer or 'the model'} ({r.cls}): {r.help}" for r in refused(config)]
    if lines:
        raise HandInError("This model can't be opened where it is graded:\n" + "\n".join(lines))


def _check_size(form: Mapping[str, Any], count: int) -> None:
    most = form.get("max_parameters")
    if most is not None and count > most:
        raise HandInError(f"This model has {count:,} parameters, and at most {most:,} are allowed. Make it smaller.")


def _check_shapes(form: Mapping[str, Any], shape_in: Any, shape_out: Any) -> None:
    wanted, classes = form.get("input_shape"), form.get("classes")
    if wanted is not None and not _fits(list(shape_in)[1:], list(wanted)):
        raise HandInError(
            f"This model takes input {_shape(shape_in)}; it will be given images of shape {_shape([None, *wanted])}. "
            f"Use keras.Input(shape=({', '.join(map(str, wanted))}))."
        )
    if classes is not None and (len(shape_out) != 2 or shape_out[-1] != classes):
        raise HandInError(
            f"This model returns {_shape(shape_out)}; {_shape([None, classes])} is needed: one number for each class. "
            f"Make Dense({classes}) its last layer."
        )
    pixels = form.get("pixels")
    if pixels is not None and (len(shape_out) != 4 or shape_out[-1] != pixels):
        raise HandInError(
            f"This model returns {_shape(shape_out)}; {pixels} numbers for every pixel are needed, one for each class. "
            f"Make Conv2D({pixels}, 1) its last layer, at the full size of the image."
        )


def _fits(have: list[Any], want: list[Any]) -> bool:
    """Whether images of the shape wanted can be given; a single channel may be left out."""
    if len(have) == len(want) - 1 and want[-1] == 1:
        want = want[:-1]
    return len(have) == len(want) and all(a is None or a == b for a, b in zip(have, want, strict=True))


def _shape(shape: Any) -> str:
    """(any, 28, 28, 1): the batch may have any size."""
    return f"({', '.join('any' if n is None else str(n) for n in shape)})"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_READERS: dict[str, Callable[[Question, object], str]] = {
    "number": _number,
    "choice": quiz.choice,
    "choices": quiz.choices,
    "order": quiz.order,
    "match": quiz.match,
    "value": _value,
    "text": _text,
    "function": _function,
    "model": _model,
}
