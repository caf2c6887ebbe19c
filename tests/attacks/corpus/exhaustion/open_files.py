# mypy: ignore-errors
"""Opens more files than it may.

expect: no-answer
held-by: rlimits
"""
# %%
import os

del answer
kept = []
while len(kept) < 1500:
    kept.append(os.open("/dev/null", os.O_RDONLY))
answer = "through"
# %% after-target
for fd in kept:
    os.close(fd)
