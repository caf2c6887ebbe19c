# mypy: ignore-errors
"""Opens sockets of families that reach past the network namespace: packets, vsock, netlink, Bluetooth, keys of the kernel.

expect: answered
held-by: seccomp
"""

# %%
import socket

found = []
for family, kind, protocol in (
    (17, 2, 0),
    (40, 1, 0),
    (16, 3, 9),
    (16, 3, 12),
    (16, 3, 15),
    (31, 3, 1),
    (38, 5, 0),
    (44, 3, 0),
    (21, 5, 0),
):
    try:
        socket.socket(family, kind, protocol).close()
        found.append(family)
    except OSError:
        pass
answer = f"through {found}" if found else 0
