# mypy: ignore-errors
"""Leaves threads, exit handlers and finalisers that never end for the time after the last cell.

expect: answered
held-by: kill
kernel: lives
"""
# %%
import atexit, threading, time

def stay():
    until = time.monotonic() + 30
    while time.monotonic() < until:
        time.sleep(0.1)

class Clinging:
    def __del__(self):
        stay()

clinging = Clinging()
atexit.register(stay)
threading.Thread(target=stay).start()
answer = 0
