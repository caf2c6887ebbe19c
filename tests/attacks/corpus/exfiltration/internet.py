# mypy: ignore-errors
"""Asks for a way out: names, addresses, the metadata of a cloud, by TCP and UDP, version 4 and 6.

expect: answered
held-by: net-namespace
"""

# %%
import socket, urllib.request

answer = 0
for family, address in (
    (socket.AF_INET, ("192.0.2.1", 9)),
    (socket.AF_INET, ("169.254.169.254", 80)),
    (socket.AF_INET6, ("2001:db8::1", 9)),
):
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect(address)  # sends nothing: asks for a route
            answer = f"through to {address}"
    except OSError:
        pass
for name in ("localhost.localdomain.invalid", "metadata.google.internal"):
    try:
        answer = f"through {socket.getaddrinfo(name, 80)}"
    except OSError:
        pass
