"""Starts a kernel in a box: one channel for cells and what they show, one for answers, one for models."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SandboxError
from autograder.sandbox import backends, bubblewrap, forks, tiers
from autograder.sandbox.box import Box, Feed, pair
from autograder.sandbox.gpus import Slot
from autograder.sandbox.inside import frames
from autograder.sandbox.seat import Seat
from autograder.sandbox.start import NAMESPACED, Order, check_files, check_readable
from autograder.sandbox.warm import Kind
from autograder.types import Job


@dataclass(frozen=True)
class Feeds:
    """What is called, in the box's thread, with the bytes that come on each channel."""

    cells: Feed
    answers: Feed
    models: Feed


class Kernel:
    """A running kernel, and our ends of what leads to it."""

    def __init__(self, job: Job, kind: Kind | None, practice: bool, slot: Slot | None, seat: Seat) -> None:
        """kind: of warm process to fork it from; None starts it cold, as everything that has a slot of a GPU must.

        Raises SandboxError when none can be had.
        """
        tier = tiers.require(practice)
        folders = {f"{bubblewrap.DATA}/{pack.name}": _kernel_part(pack) for pack in job.packs}
        own_places = tier.recipe in NAMESPACED
        packs = {path.name: place if own_places else str(path) for place, path in folders.items()}
        check_files(job.files)
        template = forks.of(tier.recipe, kind, folders)
        if template is None:  # to start cold is work like any other
            seat.take()
        with contextlib.ExitStack() as ours:
            self._cells, cells = pair()
            self._answers, answers = pair()
            self._models, to_models = os.pipe()
            ours.callback(os.close, self._models)
            ours.callback(self.close)
            fds = {"cells": cells, "answers": answers, "models": to_models}
            order = Order(
                "kernel.py", _settings(job, fds, packs, slot), job.limits, job.user, job.files, folders,
                keep=tuple(fds.values()), environment=backends.environment(job.resources.backend), slot=slot,
            )  # fmt: skip
            self.box = Box(order, tier.recipe, template)
            ours.pop_all()

    def listen(self, feeds: Feeds) -> None:
        """Have everything read that comes. To be called once."""
        self.box.attach(os.dup(self._cells.fileno()), feeds.cells)
        self.box.attach(os.dup(self._answers.fileno()), feeds.answers)
        self.box.attach(self._models, feeds.models)

    def run(self, number: int, source: str, seconds: float) -> None:
        """Have a cell run. Raises OSError if it is not taken within that time."""
        self._send(self._cells, {"run": number}, source.encode("utf-8", "replace"), seconds)

    def serve(self) -> None:
        """No cell comes any more: from now on it is asked."""
        self._send(self._cells, {"serve": True}, b"", 1.0)

    def ask(self, request: Mapping[str, Any], body: bytes, seconds: float) -> None:
        """Have a function called. Raises OSError if that is not taken within that time."""
        self._send(self._answers, request, body, seconds)

    def _send(self, channel: socket.socket, header: Mapping[str, Any], body: bytes, seconds: float) -> None:
        channel.settimeout(max(seconds, 0.001))
        channel.sendall(frames.pack(dict(header), body))

    def close(self) -> None:
        self._cells.close()
        self._answers.close()


def _settings(job: Job, fds: Mapping[str, int], packs: Mapping[str, str], slot: Slot | None) -> dict[str, Any]:
    limits = job.limits
    return {
        "fds": fds, "packs": packs, "output_kb": limits.output_kb, "flood_mb": limits.flood_mb,
        "value_mb": limits.value_mb, "model_mb": limits.model_mb,
        "gpu": slot.fraction if slot is not None else None,
    }  # fmt: skip


def _kernel_part(pack: Path) -> Path:
    """What of a data pack student code may read: the folder that the job names, bound as /data/<its name>."""
    if not pack.is_dir():
        raise SandboxError(f"The data pack {pack} is not there. Run the same command again: it is made anew.")
    if (pack / "hidden").exists():
        raise SandboxError(f"{pack} holds hidden inputs. A job names the folder beside them that a kernel may read.")
    check_readable(pack)
    return pack
