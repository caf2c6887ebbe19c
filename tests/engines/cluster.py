"""A Ray cluster of this machine alone, for tests: a head that takes no jobs, and nodes that do."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any

import psutil
import pytest

HOST = "127.0.0.1"
TOKEN = secrets.token_hex(32)  # one in each process: Ray reads it once
SETTINGS = {
    "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # else Ray takes the address of the network card for 127.0.0.1
}  # fmt: skip


@contextmanager
def cluster(*cpus: int) -> Iterator[Any]:
    """Yield Ray's Cluster with a node for each number of processors. Afterwards none of its processes is left.

    It listens on 127.0.0.1 alone, and asks for a token there.
    """
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed (`make ray`): the engine for clusters was NOT tested")
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        for name, value in (SETTINGS | {"RAY_TMPDIR": folder}).items():
            patch.setenv(name, value)
        made = _start(folder, cpus)
        try:
            yield made
        finally:
            left = _end(made, folder)
        assert not left, left


def _start(folder: str, cpus: Sequence[int], tries: int = 3) -> Any:
    from ray.cluster_utils import Cluster

    made = Cluster()
    try:
        made.add_node(
            num_cpus=0, node_ip_address=HOST, include_dashboard=False, include_log_monitor=False, no_monitor=True
        )
        for number in cpus:
            add(made, number)
        return made
    except Exception:
        _end(made, folder)
        if tries == 1:
            raise
        return _start(folder, cpus, tries - 1)  # Ray gives a node 30 s to start: a busy machine may need more


def _end(cluster: Any, folder: str) -> list[psutil.Process]:
    """Return the processes that had to be killed."""
    import ray

    started = processes(folder)
    ray.shutdown()
    cluster.shutdown()
    left: list[psutil.Process] = psutil.wait_procs({*started, *processes(folder)}, timeout=20)[1]
    for process in left:
        process.kill()
    return left


def add(cluster: Any, cpus: int, gpus: int = 0, **environment: str) -> Any:
    """gpus: that Ray believes in."""
    return cluster.add_node(num_cpus=cpus, num_gpus=gpus, node_ip_address=HOST, env_vars=environment or None)


def processes(folder: str) -> list[psutil.Process]:
    """All processes of the cluster that has its folder there, and what they started; not ourselves."""
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = [*process.cmdline(), *process.environ().values()]
            if process.pid != os.getpid() and any(folder in word for word in words):
                found |= {process, *process.children(recursive=True)}
    return list(found)
