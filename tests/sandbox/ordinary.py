"""Run as an ordinary user by test_tiers.py, in the tier that its argument names: prints as JSON what came of it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.sandbox import tiers
from autograder.types import Run
from tests.sandbox.jobs import QUICK, A, B, run, tell, told

DAEMON = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    time.sleep(300)"
BOMB = "held = [b'x' * 2**24 for _ in iter(int, 1)]"
FILL = "f = open('f', 'wb')\nwhile True: f.write(bytes(2**20))"
PRINTS = """
import subprocess
from concurrent.futures import ThreadPoolExecutor
print('TOLD', subprocess.run(['echo', 'echoed'], capture_output=True, text=True).stdout.strip())
print('TOLD', sum(ThreadPoolExecutor().map(abs, [-1, -2])), flush=True)
import os
if os.fork() == 0:
    print('from a child'); os._exit(0)
os.wait()
"""


def mine(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.getuid()
    except OSError:  # gone since
        return False


def main(tier: str) -> None:
    tiers.RECIPES[False] = ("landlock",) if tier == "landlock" else ("user",)
    own = str(os.getpid())
    found: dict[str, Any] = {"tier": tiers.require().name}
    with tempfile.TemporaryDirectory() as place:
        secret = Path(place) / "gradebook.db"
        secret.write_text("all grades")
        secret.chmod(0o600)
        reach = {
            "read": f"open({str(secret)!r}).read()",
            "write": f"open({str(secret)!r}, 'r+b')",
            "cut": f"__import__('os').truncate({str(secret)!r}, 0)",
            "remove": f"__import__('os').remove({str(secret)!r})",
            "add": f"open({place + '/mine'!r}, 'w')",
            "list": f"__import__('os').listdir({place!r})",
            "signal": f"__import__('os').kill({os.getpid()}, 0)",
            "look into": f"open('/proc/{os.getpid()}/environ').read()",
            "call": "__import__('socket').create_connection(('127.0.0.1', 1))",
            "listen": "__import__('socket').create_server(('127.0.0.1', 0)) and 1 / 0",  # harmless where it is alone
            "nest": "1 / __import__('ctypes').CDLL(None).unshare(0x10000000)",
        }
        done = run(A, *map(tell, reach.values()), B)
        found["reached"] = dict(zip(reach, told(done), strict=True))
        run(A, f"import os; os.chmod({str(secret)!r}, 0o666); os.utime({str(secret)!r}, (0, 0))", B)
        state = secret.stat()
        found["mode"], found["touched"] = oct(state.st_mode & 0o777), state.st_mtime == 0
    jobs: dict[str, Run] = {
        "crash": run(A, "import os; os._exit(1)", B),
        "daemon": run(A, DAEMON, B),
        "memory": run(A, BOMB, B, limits=replace(QUICK, memory_mb=300)),
        "disk": run(A, FILL, B, limits=replace(QUICK, disk_mb=32)),
        "honest": run(A, PRINTS, B),
    }
    found["statuses"] = {name: [job.evidence[e].status for e in "ab"] for name, job in jobs.items()}
    found["remarks"] = {name: [remark.student for remark in job.remarks] for name, job in jobs.items()}
    found["told"] = told(jobs["honest"])
    found["left"] = [
        (p / "cmdline").read_text()[:80] for p in Path("/proc").glob("[0-9]*") if mine(p) and p.name != own
    ]
    found["folders"] = [p.name for p in Path(tempfile.gettempdir()).iterdir() if mine(p) and p.name.startswith("ag-")]
    print(json.dumps(found))


main(sys.argv[1])
