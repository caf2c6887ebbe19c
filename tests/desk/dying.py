"""A desk in a process of its own, to be killed: python -m tests.desk.dying PLACE prints its port, and serves ada."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.desk.reception import Reception

if __name__ == "__main__":
    reception = Reception(Path(sys.argv[1]))
    reception.hub.student("ada")
    with reception.open():
        print(reception.port, flush=True)
        threading.Event().wait()
