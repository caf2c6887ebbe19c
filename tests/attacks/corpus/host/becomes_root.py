# mypy: ignore-errors
"""Becomes root, or anybody else.

expect: answered
held-by: uid
"""
# %%
import os

found = []
for call, argument in ((os.setuid, 0), (os.seteuid, 0), (os.setgid, 0), (os.setgroups, [0]), (os.setreuid, None)):
    try:
        call(*([0, 0] if argument is None else [argument]))
        found.append(call.__name__)
    except OSError:
        pass
answer = f"through {found}" if found and 0 in (*os.getresuid(), *os.getresgid(), *os.getgroups()) else 0
