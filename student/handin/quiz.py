"""How check() reads the answers to quizzes: ids of options, in a list, in order, or in a dict."""

from __future__ import annotations

from collections.abc import Mapping

from handin.plain import MISSING, plain
from handin.questions import HandInError, Question

_UNFILLED = ("", "...")


def choice(question: Question, answer: object) -> str:
    picks = _picks(question, answer)
    if len(picks) > 1:
        raise HandInError("Only one option can be picked here. Write its id in quotes.")
    return _lines(question, picks)


def choices(question: Question, answer: object) -> str:
    return _lines(question, _picks(question, answer))


def order(question: Question, answer: object) -> str:
    given = _given(question, answer)
    ids = [_known(question.options, item, "item", _ids(question)) for item in given]
    twice = sorted({item for item in ids if ids.count(item) > 1})
    if twice:
        raise HandInError(f"Twice in your list: {', '.join(twice)}. Write each id once.")
    missing = [key for key in question.options if key not in ids]
    if missing:
        raise HandInError(f"Missing in your list: {', '.join(missing)}. Write all {len(question.options)} ids.")
    return "\n" + "\n".join(f"  {place}. {key}: {question.options[key]}" for place, key in enumerate(ids, start=1))


def match(question: Question, answer: object) -> str:
    items, targets = question.options, question.targets
    how = f"Write a dict: for each id of {', '.join(items)} one of {', '.join(targets)}, all in quotes."
    given = plain(answer, "a dict of ids, all in quotes")
    if given is None or given == "" or given == {} or given == []:
        raise HandInError(f"{MISSING} {how}")
    if not isinstance(given, dict) or not all(isinstance(target, str) for target in given.values()):
        raise HandInError(f"I can't read this as a dict of ids. {how}")
    filled = {str(item): str(target).strip() for item, target in given.items() if str(target).strip() not in _UNFILLED}
    pairs = {
        _known(items, item.strip(), "item", how): _known(targets, target, "target", how)
        for item, target in filled.items()
    }
    if not pairs:
        raise HandInError(f"{MISSING} {how}")
    missing = [item for item in items if item not in pairs]
    if missing:
        raise HandInError(f"Still without a target: {', '.join(missing)}. Give each id one of {', '.join(targets)}.")
    return "\n" + "\n".join(f"  - {item}: {pairs[item]} ({targets[pairs[item]]})" for item in items)


def _picks(question: Question, answer: object) -> list[str]:
    """The ids that are meant, in the order in which the student sees the options."""
    picked = {_known(question.options, item, "option", _ids(question)) for item in _given(question, answer)}
    return [key for key in question.options if key in picked]


def _given(question: Question, answer: object) -> list[str]:
    """The ids as they were written; there is at least one."""
    given = plain(answer, "an option's id, in quotes" if question.kind == "choice" else "a list of ids, each in quotes")
    if isinstance(given, str) and "," in given and question.kind != "choice":
        raise HandInError('Write the ids as a list, each in quotes of its own: ["...", "..."].')
    listed = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(listed, list | tuple) or not all(isinstance(item, str) for item in listed):
        raise HandInError(f"I can't read this as the id of an option. {_ids(question)}")
    written = [str(item).strip() for item in listed if str(item).strip()]
    if all(item in _UNFILLED for item in written):
        raise HandInError(f"{MISSING} {_ids(question)}")
    return written


def _known(texts: Mapping[str, str], written: str, noun: str, how: str) -> str:
    """Return the id that is meant; raise HandInError with the nearest one, or else with how to write the answer."""
    from difflib import get_close_matches

    known = {key.casefold(): key for key in texts}
    if written.casefold() in known:
        return known[written.casefold()]
    by_text = {text.casefold(): key for key, text in texts.items()}
    close = [known[key] for key in get_close_matches(written.casefold(), known, 1)]
    meant = by_text.get(written.casefold()) or next(iter(close), None)
    hint = f'Did you mean "{meant}"?' if meant else how
    raise HandInError(f'There is no {noun} with the id "{written[:60]}". {hint}')


def _lines(question: Question, picks: list[str]) -> str:
    lines = [f"{key}: {question.options[key]}" for key in picks]
    return lines[0] if len(lines) == 1 else "\n" + "\n".join(f"  - {line}" for line in lines)


def _ids(question: Question) -> str:
    listed = ", ".join(question.options)
    if question.kind == "order":
        return f"Write a list of all ids in order, each in quotes: {listed}."
    if question.kind == "choices":
        return f"Write a list of ids, each in quotes, from: {listed}."
    return f"Write one id in quotes, from: {listed}."
