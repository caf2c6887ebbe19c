# mypy: ignore-errors
"""Ask addresses where nobody is: an error that can be caught, and the cell goes on."""

# %%
import socket
import urllib.request

import requests

said = []
for call in (
    lambda: requests.get("http://nobody.invalid/data.csv", timeout=5),
    lambda: requests.get("http://127.0.0.1:9/", timeout=5),
    lambda: urllib.request.urlopen("http://nobody.invalid/", timeout=5),
    lambda: socket.create_connection(("127.0.0.1", 9), timeout=5),
):
    try:
        call()
        said.append("reached")
    except Exception as error:
        said.append(type(error).__name__)

# %%
hand_in("work", "value", "v", said)
