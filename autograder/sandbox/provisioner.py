"""A kernel for jupyter_client that runs confined. Whoever asks for one need not notice.

In a kernel spec: `"metadata": {"kernel_provisioner": {"provisioner_name": "confined", "config": {}}}`. Our own session
sets `room`, through which limits go in and answers come out.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Any as AnyTrait
from zmq.constants import SocketOption

from autograder.errors import SandboxError
from autograder.sandbox import backends, bubblewrap, forks, scratch, tiers
from autograder.sandbox.box import Box, Feed, pair
from autograder.sandbox.budget import BudgetError
from autograder.sandbox.gpus import Slot
from autograder.sandbox.relay import MESSAGE_CAP
from autograder.sandbox.start import NAMESPACED, Order, check_readable
from autograder.sandbox.warm import Kind
from autograder.types import BACKENDS, Limits

CHANNELS = ("shell", "iopub", "stdin", "hb", "control")


@dataclass
class Room:
    """What one kernel gets, and where its answers go."""

    user: str = "student"
    limits: Limits = field(default_factory=Limits)
    files: Mapping[str, bytes] = field(default_factory=dict)
    packs: tuple[Path, ...] = ()
    practice: bool = False
    kind: Kind | None = None  # of warm process to fork the kernel from; None starts it cold
    slot: Slot | None = None  # of GPUs; such a kernel starts cold
    backend: str = BACKENDS[0]
    on_answers: Feed = lambda data: None  # called in the box's thread with the bytes as they come
    on_models: Feed = lambda data: None
    ask: socket.socket | None = None  # our end of the answers' channel, once the kernel runs


@lru_cache(maxsize=1)
def _context() -> zmq.asyncio.Context:
    """One for all kernels: taking one down costs a second. Receives little at a time, or libzmq's own queue would hold
    what the budget forbids; a connection that it drops over a message stays dropped, and the relay sees it."""
    context = zmq.asyncio.Context()
    for option, value in (
        (SocketOption.MAXMSGSIZE, MESSAGE_CAP),
        (SocketOption.RCVHWM, 2),
        (SocketOption.RECONNECT_IVL, 60_000),
    ):
        context.setsockopt(option, value)
    return context


class ConfinedProvisioner(KernelProvisionerBase):
    """Starts the kernel in a Box. Sockets are made out here, in a folder that is not visible inside, and handed in."""

    room = AnyTrait(help="A Room; None makes an ordinary one.", allow_none=True)
    box: Box | None = None
    _folder: Path | None = None

    @property
    def has_process(self) -> bool:
        return self.box is not None and self.box.alive

    async def poll(self) -> int | None:
        if self.box is None:
            return 0
        return None if self.box.alive else (self.box.exit_code or 0)

    async def wait(self) -> int | None:
        while self.has_process:
            await asyncio.sleep(0.01)
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        if self.box is not None:
            if signum == signal.SIGINT:
                self.box.interrupt()
            elif signum != 0:
                self.box.kill()

    async def kill(self, restart: bool = False) -> None:
        if self.box is not None:
            self.box.kill()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill()

    async def cleanup(self, restart: bool = False) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        if self.room is not None and self.room.ask is not None:
            self.room.ask.close()
            self.room.ask = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        self.room = self.room or Room()
        folder = scratch.make()
        self._folder = folder
        manager = self.parent
        manager.transport, manager.ip = "ipc", str(folder / "p")
        for number, channel in enumerate(CHANNELS, 1):
            setattr(manager, f"{channel}_port", number)
        self.connection_info = manager.get_connection_info()
        return {"cmd": ["agent.py"]}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        room, folder = self.room, self._folder
        assert folder is not None, "pre_launch() comes first"
        tier = tiers.require(room.practice)
        fds, inner = {}, {}
        for number, channel in enumerate(CHANNELS, 1):
            inner[number] = folder / f"i-{number}"
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(inner[number]))
            listener.listen(8)
            fds[channel] = listener.detach()
        room.ask, fds["answers"] = pair()
        models, fds["models"] = os.pipe()
        packs = {pack.name: _kernel_part(pack) for pack in room.packs}
        own_places = tier.recipe in NAMESPACED
        limits = room.limits
        settings = {
            "fds": fds, "key": self.parent.session.key.decode(),
            "packs": {n: f"{bubblewrap.DATA}/{n}" if own_places else str(p) for n, p in packs.items()},
            "output_kb": limits.output_kb, "flood_mb": limits.flood_mb, "value_mb": limits.value_mb,
            "model_mb": limits.model_mb, "gpu": room.slot.fraction if room.slot else None,
        }  # fmt: skip
        folders = {f"{bubblewrap.DATA}/{name}": path for name, path in packs.items()}
        order = Order(
            "agent.py", settings, limits, room.user, room.files, folders, keep=tuple(fds.values()),
            environment=backends.environment(room.backend), slot=room.slot,
        )  # fmt: skip
        kind = None if room.slot else room.kind
        try:
            self.box = Box(order, tier.recipe, await asyncio.to_thread(forks.of, tier.recipe, kind, folders))
        except BaseException:
            os.close(models)
            raise
        left = limits.flood_mb * 2**20

        def budget(size: int) -> None:
            nonlocal left
            left -= size
            if left < 0:
                raise BudgetError(f"more than {limits.flood_mb} MB of messages")

        for number in range(1, len(CHANNELS) + 1):
            self.box.attach_listener(Path(f"{folder / 'p'}-{number}"), inner[number], budget)
        self.box.attach(os.dup(room.ask.fileno()), room.on_answers)
        self.box.attach(models, room.on_models)
        return self.connection_info


def _kernel_part(pack: Path) -> Path:
    """What of a data pack student code may read: the folder that the job names, bound as /data/<its name>."""
    if not pack.is_dir():
        raise SandboxError(f"The data pack {pack} is not there. Run the same command again: it is made anew.")
    if (pack / "hidden").exists():
        raise SandboxError(f"{pack} holds hidden inputs. A job names the folder beside them that a kernel may read.")
    check_readable(pack)
    return pack


def manager(room: Room) -> AsyncKernelManager:
    """Return a kernel manager whose kernel runs confined in this room."""
    spec = KernelSpec(
        argv=["agent.py"], display_name="confined", language="python",
        metadata={"kernel_provisioner": {"provisioner_name": "confined", "config": {"room": room}}},
    )  # fmt: skip
    made = AsyncKernelManager(context=_context(), cache_ports=False)
    made._kernel_spec = spec
    return made
