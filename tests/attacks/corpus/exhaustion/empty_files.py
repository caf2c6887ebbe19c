# mypy: ignore-errors
"""Makes files that hold nothing and take up room all the same.

expect: disk-limit
held-by: watchdog, cgroup
kernel: dies
limits: cell_seconds=60 seconds=90
"""
# %%
import os

os.makedirs("/tmp/e")
for number in range(300_000):
    os.close(os.open(f"/tmp/e/{number:0200}", os.O_CREAT))
answer = "through"
