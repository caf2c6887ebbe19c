"""What this machine can confine, found out by trying: at the start, the sandbox attacks itself."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import autograder
from autograder.errors import SandboxError
from autograder.sandbox import bubblewrap, cgroups, seccomp
from autograder.sandbox.box import Box
from autograder.sandbox.start import NAMESPACED, Order, Recipe, Template
from autograder.types import TIERS, Limits


@dataclass(frozen=True)
class Tier:
    """A degree of confinement. name goes into every report; detail says which layers hold."""

    name: str  # bwrap-root, bwrap-user, each perhaps with -noseccomp; landlock; none
    detail: str
    confined: bool
    recipe: Recipe = "none"

    def is_at_least(self, least: str) -> bool:
        """Whether it is as good as one of types.TIERS. Without seccomp, none is as good as its name."""
        order = {"landlock": 0, "bwrap-user": 1, "bwrap-root": 2}
        return self.confined and order.get(self.name, 0) >= TIERS.index(least)


# Not the user namespace for root: inside it, the real user id on this machine would still be 0.
RECIPES: dict[bool, tuple[Recipe, ...]] = {True: ("root", "landlock"), False: ("user", "landlock")}

_found: list[Tier] = []
_lock = threading.Lock()


def tier() -> Tier:
    """Return the best tier that this machine allows and that withstood its own attacks. Found once a process."""
    with _lock:
        if not _found:
            _found.append(_find())
        return _found[0]


def require(practice: bool = False, least: str = TIERS[0]) -> Tier:
    """Return the tier to run in. Raises SandboxError where it is less than `least`, unless it is for practice alone."""
    if sys.platform != "linux":
        raise SandboxError(
            "Notebooks are run and graded on Linux: nothing else has the walls that this grader builds. Here, check() "
            "in a notebook still says how an answer is read. Grade on a Linux machine, or in a virtual one."
        )
    found = tier()
    if not found.confined and not practice:
        raise SandboxError(
            f"This machine cannot confine student code: {found.detail}. Install bubblewrap, and allow user namespaces "
            "(sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap) or grade as root. In a "
            "container, start it with a seccomp profile that allows user namespaces."
        )
    if not practice and not found.is_at_least(least):
        raise SandboxError(
            f"The course asks for {least} (tier in course.toml), and this machine confines student code by "
            f"{found.name} only: {found.detail}. Grade on a machine that can do more, or ask for less: "
            "docs/security.md explains the tiers."
        )
    return found


def _find() -> Tier:
    bubblewrap.kernel_env()  # its absence has a remedy of its own
    failures = []
    for recipe in RECIPES[os.geteuid() == 0]:
        outcome = attack_ourselves(recipe)
        if outcome.confined:
            return outcome
        failures.append(f"{outcome.name}: {outcome.detail}")
    return Tier("none", "; ".join(failures), confined=False)


def attack_ourselves(recipe: Recipe, template: Template | None = None) -> Tier:
    """Start a sandbox, or fork one, and have it try to get out."""
    name = f"bwrap-{recipe}" if recipe in NAMESPACED else recipe
    filtered = seccomp.program() is not None
    with _targets() as targets:
        confined = recipe != "none"
        settings = targets | {"expect_seccomp": filtered and confined, "confined": confined}
        said = bytearray()
        try:
            box = Box(Order("probe.py", settings, Limits(memory_mb=512, cpu_seconds=20, disk_mb=16)), recipe, template)
            finished = box.gone.wait(30)
            box.close()
            said = box.raw
            found: dict[str, Any] = json.loads(bytes(said).splitlines()[-1])
        except (SandboxError, ValueError, IndexError) as error:
            words = bytes(said).decode(errors="replace").strip()[-200:] or str(error)
            return Tier(name, words if said else f"does not start ({words})", confined=False, recipe=recipe)
    if not finished or found["through"]:
        return Tier(name, "an attack got through: " + ", ".join(found["through"]), confined=False, recipe=recipe)
    group = cgroups.make(64, 16)
    layers = ["namespaces"] if recipe in NAMESPACED else []
    layers.append("seccomp" if found["seccomp"] else "no seccomp (libseccomp is not installed)")
    layers.append(f"Landlock {found['landlock']}" if found["landlock"] else "no Landlock")
    layers.append(f"cgroup v{group.version}" if group else "no cgroup (memory is watched, not fenced)")
    if group:
        group.close()
    withstood = Tier(name, f"{', '.join(layers)}; withstood {found['tried']} attacks", confined=True, recipe=recipe)
    return withstood if found["seccomp"] else replace(withstood, name=f"{name}-noseccomp")


@contextlib.contextmanager
def _targets() -> Iterator[dict[str, Any]]:
    """Things on the host that must be out of reach. Each is within reach from here, or the attack would be blind."""
    package = Path(autograder.__file__).resolve()
    files = [
        package,
        package.parents[1] / "pyproject.toml",
        Path(sys.prefix) / "pyvenv.cfg",
        Path(json.__file__).parents[1],
    ]
    # The base Python is shown inside; what is tried is what is not the base.
    files = [path for path in files if path.exists() and not path.is_relative_to(sys.base_prefix)]
    abstract = uuid.uuid4().hex
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind("\0" + abstract)
        hidden.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5), tempfile.NamedTemporaryFile() as owned:
            yield {
                "files": [str(path) for path in files], "port": port, "abstract": abstract, "spare": os.getpid(),
                "owned": owned.name,
            }  # fmt: skip
