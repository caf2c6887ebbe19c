# mypy: ignore-errors
"""Has the detail of an answer, which staff read as a note, begin like a formula, and go on as markup.

expect: no-answer
held-by: spreadsheet, page
"""
# %%
import os, sys
from handin import carrier

fds = carrier.carry.__self__._settings["fds"]
own = check
def check(exercise, answer):
    if exercise != "target":
        return own(exercise, answer)
    os.write(fds["answers"], sys.modules["autograder.frames"].pack(
        {"exercise": "target", "kind": "value", "status": "no", "variant": None, "detail": "=cmd|' /C calc'!A0\r\n@SUM(1)<script>alert(1)</script>"}))
