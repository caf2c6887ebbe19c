"""The tables of course.toml, read: every reader adds what is wrong to the faults, and goes on without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from autograder.errors import Fault
from autograder.types import FALLBACKS, Limits, Resources


@dataclass(frozen=True)
class Watch:
    """What [course.watch] says to `autograder watch`."""

    per_hour: int = 20  # submissions of one student that are graded within an hour; more of them wait


@dataclass(frozen=True)
class Keep:
    """What [course.keep] says to `autograder tidy`; None: for ever, or however much it is."""

    models_days: int | None = None  # model files, since they were handed over
    superseded_days: int | None = None  # earlier submissions, since they were handed in
    evidence_days: int | None = None  # what can be judged again, since it was run
    quota_gb: float | None = None  # of all that may go


def read_watch(table: Mapping[str, Any], faults: list[Fault]) -> Watch:
    for key in sorted(table.keys() - {"per_hour"}):
        faults.append(Fault.in_toml(f"[course.watch] has an unknown entry {key!r}.", "Known: per_hour."))
    per_hour = table.get("per_hour", Watch.per_hour)
    if type(per_hour) is not int or per_hour < 1:
        faults.append(Fault.in_toml(f"[course.watch] per_hour = {per_hour!r}.", "Give a whole number above 0."))
        return Watch()
    return Watch(per_hour)


def read_keep(table: Mapping[str, Any], faults: list[Fault]) -> Keep:
    good: dict[str, Any] = {}
    known = [f.name for f in fields(Keep)]
    for key, value in table.items():
        if key not in known:
            faults.append(Fault.in_toml(f"[course.keep] has an unknown entry {key!r}.", f"Known: {', '.join(known)}."))
        elif not _number(value) or (key != "quota_gb" and not isinstance(value, int)):
            unit = "a number of GB above 0" if key == "quota_gb" else "a whole number of days above 0"
            faults.append(Fault.in_toml(f"[course.keep] {key} = {value!r}.", f"Give {unit}; without it nothing goes."))
        else:
            good[key] = value
    return Keep(**good)


def table_of(content: Mapping[str, Any], name: str, shown: str, faults: list[Fault]) -> Mapping[str, Any]:
    table = content.get(name, {})
    if isinstance(table, dict):
        return table
    faults.append(Fault.in_toml(f"{name} = {table!r} is no table.", f"Write a table {shown}."))
    return {}


def names_of(
    table: Mapping[str, Any], key: str, default: tuple[str, ...], name: str, faults: list[Fault]
) -> tuple[str, ...]:
    given = table.get(key, default)
    if isinstance(given, list | tuple) and all(isinstance(item, str) for item in given):
        return tuple(given)
    faults.append(
        Fault.in_toml(f"[assignments.{name}] {key} = {given!r} is no list of names.", f'Write {key} = ["..."].')
    )
    return default


def read_limits(name: str, table: Mapping[str, Any], faults: list[Fault]) -> Limits:
    known = {f.name for f in fields(Limits)}
    good: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            faults.append(
                Fault.in_toml(
                    f"[assignments.{name}.limits] has an unknown limit {key!r}.", f"Known: {', '.join(sorted(known))}."
                )
            )
        elif isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            faults.append(
                Fault.in_toml(
                    f"[assignments.{name}.limits] {key} = {value!r}.",
                    "Give a number above 0.",
                )
            )
        else:
            good[key] = value
    return Limits(**good)


def read_resources(name: str, table: Mapping[str, Any], faults: list[Fault]) -> Resources:
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "gpu": (
            lambda v: _number(v) and (v <= 1 or v == int(v)),
            "Give a share of one GPU, such as 0.25, or how many.",
        ),
        "gpu_memory_mb": (lambda v: _number(v) and isinstance(v, int), "Give a whole number of MB above 0."),
        "minutes": (_number, "Give a number above 0."),
        "fallback": (lambda v: v in FALLBACKS, f"Use one of {', '.join(FALLBACKS)}: docs/gpu.md says what they mean."),
    }
    good: dict[str, Any] = {}
    for key, value in table.items():
        if key not in checks:
            known = f"Known: {', '.join(checks)}."
            faults.append(Fault.in_toml(f"[assignments.{name}.resources] has an unknown entry {key!r}.", known))
            continue
        sound, remedy = checks[key]
        if sound(value):
            good[key] = value
        else:
            faults.append(Fault.in_toml(f"[assignments.{name}.resources] {key} = {value!r}.", remedy))
    if table and "gpu" not in table:
        missing = "Add gpu = 0.25, or another share; or drop the table."
        faults.append(Fault.in_toml(f"[assignments.{name}.resources] asks for no GPU.", missing))
    return Resources(**good)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
