# mypy: ignore-errors
"""Sends the bytes of an integer of a million bits itself, past the encoder that refuses it.

expect: no-answer
held-by: wire
"""

# %%
import struct, sys
from handin import carrier
import os

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
number = (1 << 8 * 60_000).to_bytes(60_001, "little", signed=True)
data = frames.pack(
    {"exercise": "target", "kind": "value", "status": "ok", "variant": None},
    b"plain1" + b"i" + struct.pack("<H", len(number)) + number,
)
while data:
    data = data[os.write(fds["answers"], data) :]
own = check
def check(exercise, answer):  # its own would be the last, and count
    if exercise != "target":
        own(exercise, answer)
