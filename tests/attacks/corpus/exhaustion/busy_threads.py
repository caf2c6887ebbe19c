# mypy: ignore-errors
"""Keeps sixty-four threads busy in C, beside which nobody else would run.

expect: time-limit
held-by: clock
limits: cpu_seconds=4 cell_seconds=30 processes=80
"""
# %%
import hashlib, threading, time

data = bytes(2**20)
until = time.monotonic() + 20
def work():
    while time.monotonic() < until:
        hashlib.sha256(data).digest()
threads = [threading.Thread(target=work, daemon=True) for _ in range(64)]
for thread in threads:
    thread.start()
threads[0].join()
