"""What Keras computes with: TensorFlow, or by setting JAX or PyTorch, where the kernel's environment has them."""

from __future__ import annotations

from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap
from autograder.types import BACKENDS


def environment(backend: str) -> dict[str, str]:
    """Return the variables by which Keras is told; none for what it takes anyway."""
    return {} if backend == BACKENDS[0] else {"KERAS_BACKEND": backend}


def missing(backend: str) -> str:
    """Return the command that puts it into the kernel's environment; "" where it is there."""
    folder = bubblewrap.kernel_env().folder
    there = any(folder.glob(f"lib/python*/site-packages/{backend}/__init__.py"))
    return "" if there else f"{folder}/bin/python -m pip install {backend}"


def require(backend: str) -> None:
    """Raise SandboxError where the kernel's environment does not have it."""
    if command := missing(backend):
        raise SandboxError(
            f'The course asks for backend = "{backend}" (course.toml), which the kernel\'s environment does not have. '
            f"Run: {command}"
        )
