# mypy: ignore-errors
"""Start a server on this machine, and ask it."""

# %%
import http.server
import threading
import urllib.request


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
threading.Thread(target=server.serve_forever, daemon=True).start()
said = urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=20).read().decode()
server.shutdown()
server.server_close()

# %%
hand_in("work", "value", "v", said)
