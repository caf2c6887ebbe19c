# mypy: ignore-errors
"""Tells the grader that cells have ended which have not, and that a kernel is ready which runs, in its own words.

All at once: only the first that is waited for counts, and the check after it runs as it would have.

expect: answered
held-by: clock, desk
kernel: spoiled
"""
# %%
import os, sys
from handin import carrier

frames, fds = sys.modules["autograder.frames"], carrier.carry.__self__._settings["fds"]
said = []
for number in range(40):
    for words in ({"status": "ok", "error": "", "count": -1}, {"status": 7, "error": [], "count": {}}, {"status": "error", "error": {}}):
        said.append({"done": number, **words})
said += [{"ready": True}, {"done": True}, {"done": "all"}, {"run": 3}, {"serve": True}, {"shown": ["stream"]}, {}]
os.write(fds["cells"], b"".join(map(frames.pack, said)))
answer = 0
