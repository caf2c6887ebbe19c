"""How check() reads an answer: one function for each kind. It says what was understood, never whether it is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from handin import quiz
from handin.plain import missing, plain
from handin.questions import HandInError, Question
from handin.words import _, grouped, ngettext


def read(question: Question, answer: object) -> str:
    """Return what was understood, for the student; raise HandInError for what is missing or can't be read."""
    reader = _READERS.get(question.kind)
    if reader is None:
        told = _("This program can't read answers of kind {kind}. Try: pip install --upgrade handin")
        raise HandInError(told.format(kind=question.kind))
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
        told = _(
            "I read the number {read}, but it needs a unit, such as {unit}. "
            'Write both in quotes: "{read} {unit}", if that is your unit.'
        )
        raise HandInError(told.format(read=reading.shown, unit=unit))
    if numbers.in_unit(reading, unit) is None:
        if unit:
            told = _("I read {read}, but {unit} doesn't fit here: the question asks for a unit such as {asked}.")
        else:
            told = _(
                "I read {read}, but {unit} doesn't fit here: the question asks for a plain number, without a unit."
            )
        raise HandInError(told.format(read=reading.shown, unit=reading.unit, asked=unit))
    return reading.shown


def _value(question: Question, answer: object) -> str:
    entries: list[str] = question.form.get("entries") or []
    if not entries:
        value = plain(answer, _("Write a plain value."))
        if value is None or value == "":
            raise missing()
        return _short(value)
    from handin.numbers import read_row

    row, order = read_row(answer), f"({', '.join(entries)})"
    if row is None:
        told = _("I can't read this as a row of whole numbers. Write {n} of them: {order}.")
        raise HandInError(told.format(n=len(entries), order=order))
    if not row:
        raise missing(_("Write {n} whole numbers: {order}.").format(n=len(entries), order=order))
    if len(row) != len(entries):
        told = ngettext(
            "These are {n} number, and {wanted} are asked for: {order}.",
            "These are {n} numbers, and {wanted} are asked for: {order}.",
            len(row),
        )
        raise HandInError(told.format(n=len(row), wanted=len(entries), order=order))
    return ", ".join(f"{name} {grouped(f'{number:,}')}" for name, number in zip(entries, row, strict=True))


def _text(question: Question, answer: object) -> str:
    how = _("Write text in quotes.")
    text = plain(answer, how)
    if not isinstance(text, str) or not text.strip():
        raise missing(how)
    many = len(text.split())
    return ngettext("{n:,} word, for a person to read", "{n:,} words, for a person to read", many).format(n=many)


def _function(question: Question, answer: object) -> str:
    from inspect import isclass, signature

    wanted: str = question.form.get("signature") or ""
    such_as = _(", such as {example}").format(example=wanted) if wanted else ""
    if answer is None or answer is Ellipsis:
        raise missing(_("Hand in a function{such_as}.").format(such_as=such_as))
    if not callable(answer) or isclass(answer):
        told = _("This is not a function. Hand in the function itself: its name alone, without parentheses.")
        raise HandInError(told)
    try:
        own = signature(answer)
    except (TypeError, ValueError):  # some builtins do not tell
        return _("a function")
    name = str(getattr(answer, "__name__", _("your function")))[:60]
    names = _arguments(question.form)
    if names is not None:
        try:
            own.bind(*names)
        except TypeError:
            told = ngettext(
                "{function} can't be called with {n} argument{such_as}. "
                "Change what stands between the parentheses after def.",
                "{function} can't be called with {n} arguments{such_as}. "
                "Change what stands between the parentheses after def.",
                len(names),
            )
            raise HandInError(told.format(function=f"{name}{own}", n=len(names), such_as=such_as)) from None
    read = _("the function {function}").format(function=f"{name}{own}")
    return "\n".join([read, *_examples(answer, name, question.form.get("examples") or [])])


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
            result = _("returns {value}").format(value=_short(function(*args, **kwargs)))
        except Exception as error:  # the student's own; it is what the example is there to show
            result = _("raises {error}").format(error=f"{type(error).__name__}: {error}")
        lines.append(f"  {name}({written}) {result[:200]}")
    return lines


def _model(question: Question, answer: object) -> str:
    if answer is None or answer is Ellipsis:
        raise missing(_("Hand in your trained model."))
    if type(answer).__name__ == "History":
        raise HandInError(_("This is what fit() returned, the history of the training. Hand in the model itself."))
    described: Any = answer
    try:
        to_json, parameters = described.to_json, described.count_params
    except Exception:
        told = _("This is a {type}, not a Keras model. Hand in the model itself, trained.")
        raise HandInError(told.format(type=type(answer).__name__[:60])) from None
    try:
        config = json.loads(to_json())
    except Exception:
        raise HandInError(_undescribed()) from None
    _check_layers(config)
    try:
        count, shape_in, shape_out = int(parameters()), described.input_shape, described.output_shape
    except Exception:
        told = _(
            "This model has no shape yet. Make keras.Input(shape=...) its first layer, and train it before this cell."
        )
        raise HandInError(told) from None
    _check_size(question.form, count)
    _check_shapes(question.form, shape_in, shape_out)
    read = _("a model of {n:,} parameters, input {input}, output {output}")
    return read.format(n=count, input=_shape(shape_in), output=_shape(shape_out))


def _undescribed() -> str:
    return _(
        "Keras can't describe this model, because something in it is not one of Keras's own layers. Build it from "
        "standard layers with keras.Sequential([...]) or the functional API."
    )


def _check_layers(config: Any) -> None:
    from handin.layers import refused

    whole = _("the model")
    lines = [f"- {r.layer or whole} ({r.cls}): {r.help}" for r in refused(config)]
    if lines:
        raise HandInError("\n".join([_("This model can't be opened where it is graded:"), *lines]))


def _check_size(form: Mapping[str, Any], count: int) -> None:
    most = form.get("max_parameters")
    if most is not None and count > most:
        told = _("This model has {n:,} parameters, and at most {most:,} are allowed. Make it smaller.")
        raise HandInError(told.format(n=count, most=most))


def _check_shapes(form: Mapping[str, Any], shape_in: Any, shape_out: Any) -> None:
    wanted, classes = form.get("input_shape"), form.get("classes")
    if wanted is not None and not _fits(list(shape_in)[1:], list(wanted)):
        told = _(
            "This model takes input {input}; it will be given images of shape {given}. Use keras.Input(shape={shape})."
        )
        shape = f"({', '.join(map(str, wanted))})"
        raise HandInError(told.format(input=_shape(shape_in), given=_shape([None, *wanted]), shape=shape))
    if classes is not None and (len(shape_out) != 2 or shape_out[-1] != classes):
        told = _(
            "This model returns {output}; {wanted} is needed: one number for each class. "
            "Make Dense({n}) its last layer."
        )
        raise HandInError(told.format(output=_shape(shape_out), wanted=_shape([None, classes]), n=classes))
    pixels = form.get("pixels")
    if pixels is not None and (len(shape_out) != 4 or shape_out[-1] != pixels):
        told = _(
            "This model returns {output}; {n} numbers for every pixel are needed, one for each class. "
            "Make Conv2D({n}, 1) its last layer, at the full size of the image."
        )
        raise HandInError(told.format(output=_shape(shape_out), n=pixels))


def _fits(have: list[Any], want: list[Any]) -> bool:
    """Whether images of the shape wanted can be given; a single channel may be left out."""
    if len(have) == len(want) - 1 and want[-1] == 1:
        want = want[:-1]
    return len(have) == len(want) and all(a is None or a == b for a, b in zip(have, want, strict=True))


def _shape(shape: Any) -> str:
    """(any, 28, 28, 1): the batch may have any size."""
    sides = [_("any") if side is None else str(side) for side in shape]
    return f"({', '.join(sides)})"


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
