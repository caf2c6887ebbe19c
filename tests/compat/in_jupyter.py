"""Runs a notebook in Jupyter's own kernel, by its own client, as nbgrader would. A program: the client leaves sockets.

Arguments: the kernel's Python, and a folder to run in. The notebook comes on stdin, and goes with its outputs into
`done.ipynb` in that folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient


def main(python: str, folder: str) -> None:
    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    notebook = nbformat.reads(sys.stdin.read(), 4)
    place = {"metadata": {"path": folder}}
    NotebookClient(notebook, km=manager, allow_errors=True, coalesce_streams=True, resources=place).execute()
    Path(folder, "done.ipynb").write_text(nbformat.writes(notebook), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
