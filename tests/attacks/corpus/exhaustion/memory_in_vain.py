# mypy: ignore-errors
"""Asks for a petabyte at once.

expect: no-answer
held-by: cgroup
"""
# %%
answer = 0
kept = bytearray(10**15)
answer = "through"
# %%
del answer
