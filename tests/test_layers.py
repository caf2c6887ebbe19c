"""Imports go downwards only, and the light parts stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "autograder"

# A module may import from its own layer's files and from the layers below it.
LAYERS = [
    ["cli"],
    ["hub"],
    ["demo"],
    ["keep"],
    ["outcome"],
    ["progress", "watch", "desk"],
    ["nbgrader_ext", "analytics"],
    ["feedback", "console", "service"],
    ["rejudge", "checkup", "unchanged"],
    ["pipeline", "plan"],
    ["check", "slips", "scaffold", "term", "survey", "pages", "content"],
    ["engines"],
    ["sandbox"],
    ["build", "sources", "marks", "doctor"],
    ["corrections", "seal"],
    ["release", "judge", "data", "pool", "pools", "practice"],
    ["store", "submission", "intake"],
    ["course", "checkers", "plain"],
    ["faults", "schedule", "tables"],
    ["exercise"],
    ["ipynb", "network", "blueprint"],
    ["files"],
    ["basis", "raised"],
    ["types", "errors"],
    ["digest", "wheel", "same", "forms", "retold", "cells"],
]
RANK = {name: rank for rank, names in enumerate(reversed(LAYERS)) for name in names}


def _modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "inside" not in p.parts)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_its_own_layer_and_below(path: Path) -> None:
    part = _part(path)
    if part == "__init__":
        return
    assert part in RANK, f"{part} has no layer: add it to LAYERS where it belongs"
    for module in _imports(path):
        if not module.startswith("autograder."):
            continue
        target = module.split(".")[1]
        same = target == part
        assert same or RANK[target] < RANK[part] or (RANK[target] == RANK[part] and path.name != "__init__.py"), (
            f"{path.name} imports {module}, which lies above it"
        )


@pytest.mark.parametrize("path", _modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_only_the_nbgrader_extension_imports_nbgrader_and_nothing_imports_tensorflow(path: Path) -> None:
    for module in _imports(path):
        top = module.split(".")[0]
        assert top not in {"tensorflow", "keras", "h5py"}
        assert top != "nbgrader" or _part(path) == "nbgrader_ext"


def test_a_notebooks_import_of_ours_pulls_in_nothing_heavy() -> None:
    heavy = {"numpy", "pint", "tensorflow", "keras", "nbgrader", "traitlets"}
    code = f"import sys, handin; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
