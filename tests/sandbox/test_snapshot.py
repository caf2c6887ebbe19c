"""Functions as they were when they were handed in."""

from __future__ import annotations

from typing import Any

from autograder.sandbox.inside.snapshot import keep


def namespace(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def test_a_later_value_of_a_name_is_not_seen() -> None:
    names = namespace("k = 2\ndef f(x): return k * x")
    kept = keep(names["f"], names)
    names["k"] = 5
    assert kept(3) == 6


def test_a_later_definition_of_a_helper_is_not_seen() -> None:
    names = namespace("def g(x): return x + 1\ndef f(x): return g(x)")
    kept = keep(names["f"], names)
    exec("def g(x): return 0", names)
    assert kept(3) == 4


def test_recursion_stays_within_the_copy() -> None:
    names = namespace("def f(n): return 1 if n == 0 else n * f(n - 1)")
    kept = keep(names["f"], names)
    exec("def f(n): return 0", names)
    assert kept(4) == 24


def test_an_inner_function_and_its_defaults_are_kept() -> None:
    names = namespace(
        "k = 2\ndef outer(s):\n    def helper(x): return k * x\n    def f(x, *, y=s): return helper(x) + y\n"
        "    return f\nf = outer(1)"
    )
    kept = keep(names["f"], names)
    names["k"] = 100
    assert kept(3) == 7


def test_partials_and_foreign_callables_pass() -> None:
    names = namespace("import functools\nk = 2\ndef g(a, x): return k + a + x\nf = functools.partial(g, 1)")
    kept = keep(names["f"], names)
    names["k"] = 100
    assert kept(1) == 4
    assert keep(len, names) is len
