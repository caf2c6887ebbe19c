# mypy: ignore-errors
"""Lists the network's interfaces, by netlink and by file.

expect: answered
held-by: net-namespace
"""

# %%
import socket
from pathlib import Path

found = {name for _, name in socket.if_nameindex()}
found |= {line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]}
found -= {
    "lo",
    "sit0",
    "tunl0",
    "ip6tnl0",
    "gre0",
    "gretap0",
    "erspan0",
    "ip_vti0",
    "ip6_vti0",
}  # every namespace has them
answer = f"through {found}" if found else 0
