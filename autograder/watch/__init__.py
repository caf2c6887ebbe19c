"""Grades what arrives in nbgrader's exchange, as it arrives.

notice.py   what changed in the inbound folder: told by the kernel, and looked for now and then
turns.py    whose submission is next: students take turns
marks.py    what was taken on and how far it came, in records/watch, for after a restart
errand.py   one submission from the exchange to its feedback
watcher.py  all of it together

The exchange's inbound folder is the queue: nothing is moved out of it, and what an errand does can be done twice.
"""
