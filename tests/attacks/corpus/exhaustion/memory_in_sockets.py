# mypy: ignore-errors
"""Takes more memory than it may, as bytes that wait in sockets.

expect: memory-limit
held-by: cgroup, rlimits
limits: memory_mb=256
"""
# %%
import socket

kept, size = [], 0
try:
    while size < 400 * 2**20:
        ours, theirs = socket.socketpair()
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            ours.setsockopt(socket.SOL_SOCKET, option, 2**20)
            theirs.setsockopt(socket.SOL_SOCKET, option, 2**20)
        kept += [ours, theirs]
        for end in (ours, theirs):
            end.setblocking(False)
            try:
                while True:
                    size += end.send(b"x" * 65536)
            except BlockingIOError:
                pass
    answer = "through"
except OSError:
    answer = 0
