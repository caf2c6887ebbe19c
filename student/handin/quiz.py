"""How check() reads the answers to quizzes: ids of options, in a list, in order, or in a dict."""

from __future__ import annotations

from collections.abc import Mapping

from handin.plain import MISSING, plain
from handin.questions import HandInError, Question

_UNFILLED = ("", "...")


def choice(question: Question, answer: object) -> str:
    found = picks(question, answer)
    if len(found) > 1:
        raise HandInError("Only one option can be picked here. Write its id in quotes.")
    return _lines(question, found)


def choices(question: Question, answer: object) -> str:
    return _lines(question, picks(question, answer))


def order(question: Question, answer: object) -> str:
    ids = given(question, answer)
    return "\n" + "\n".join(f"  {place}. {key}: {question.options[key]}" for place, key in enumerate(ids, start=1))


def given(question: Question, answer: object) -> list[str]:
    """Return the ids of all items, in the order that is meant."""
    ids = [_known(question.options, item, "item", _ids(question)) for item in _written(question, answer)]
    twice = sorted({item for item in ids if ids.count(item) > 1})
    if twice:
        raise HandInError(f"Twice in your list: {', '.join(twice)}. Write each id once.")
    missing = [key for key in question.options if key not in ids]
    if missing:
        raise HandInError(f"Missing in your list: {', '.join(missing)}. Write all {len(question.options)} ids.")
    return ids


def match(question: Question, answer: object) -> str:
    found, items, targets = pairs(question, answer), question.options, question.targets
    return "\n" + "\n".join(f"  - {item}: {found[item]} ({targets[found[item]]})" for item in items)


def pairs(question: Question, answer: object) -> dict[str, str]:
    """Return the target that is meant for each item."""
    items, targets = question.options, question.targets
    how = f"Write a dict: for each id of {', '.join(items)} one of {', '.join(targets)}, all in quotes."
    written = plain(answer, "a dict of ids, all in quotes")
    if written is None or written == "" or written == {} or written == []:
        raise HandInError(f"{MISSING} {how}")
    if not isinstance(written, dict) or not all(isinstance(target, str) for target in written.values()):
        raise HandInError(f"I can't read this as a dict of ids. {how}")
    filled = {
        str(item): str(target).strip() for item, target in written.items() if str(target).strip() not in _UNFILLED
    }
    found = {
        _known(items, item.strip(), "item", how): _known(targets, target, "target", how)
        for item, target in filled.items()
    }
    if not found:
        raise HandInError(f"{MISSING} {how}")
    missing = [item for item in items if item not in found]
    if missing:
        raise HandInError(f"Still without a target: {', '.join(missing)}. Give each id one of {', '.join(targets)}.")
    return found


def picks(question: Question, answer: object) -> list[str]:
    """Return the ids that are meant, in the order in which the student sees the options."""
    picked = {_known(question.options, item, "option", _ids(question)) for item in _written(question, answer)}
    return [key for key in question.options if key in picked]


def _written(question: Question, answer: object) -> list[str]:
    """The ids as they were written; there is at least one."""
    found = plain(answer, "an option's id, in quotes" if question.kind == "choice" else "a list of ids, each in quotes")
    if isinstance(found, str) and "," in found and question.kind != "choice":
        raise HandInError('Write the ids as a list, each in quotes of its own: ["...", "..."].')
    listed = [found] if isinstance(found, str) else [] if found is None else found
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
