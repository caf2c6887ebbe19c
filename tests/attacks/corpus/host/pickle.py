# mypy: ignore-errors
"""Hands in what would do something when it is unpickled, on every descriptor that leads out.

expect: no-answer
held-by: wire
"""
# %%
import os, pickle, sys
from handin import carrier

class Payload:
    def __reduce__(self):
        return os.system, (f"touch {FIELD['folder']}/pwned",)

agent = carrier.carry.__self__
frames, data = sys.modules["autograder.frames"], pickle.dumps(Payload())
for kind in ("value", "function", "model", "pickle"):
    os.write(agent._settings["fds"]["answers"], frames.pack({"exercise": "target", "kind": kind, "status": "ok", "number": 7}, data))
os.write(agent._settings["fds"]["models"], frames.pack({"number": 7, "last": True}, data))
answer = Payload()
