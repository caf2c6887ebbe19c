# mypy: ignore-errors
"""Waits in the machine's kernel, with interrupts switched off.

expect: time-limit
held-by: clock
limits: cell_seconds=1.5 seconds=20
"""
# %%
import ctypes, signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
signal.signal(signal.SIGINT, signal.SIG_IGN)
ctypes.CDLL(None).sleep(600)
