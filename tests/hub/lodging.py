"""Stands in for a user's server on a hub: says what it was given, and answers. python -m tests.hub.lodging FOLDER"""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlparse


class _Here(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a shell starts in the background ignores it, with its children
    where = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    given = {name: value for name, value in os.environ.items() if name.startswith(("JUPYTERHUB_", "AUTOGRADER_"))}
    with HTTPServer((where.hostname or "", where.port or 0), _Here) as server:
        told = Path(sys.argv[1]) / f"{os.environ['JUPYTERHUB_USER']}.json"
        told.write_text(json.dumps(given))
        hub, server.timeout = os.getppid(), 1
        while os.getppid() == hub:  # nobody else ends it where the hub was killed
            server.handle_request()
