# mypy: ignore-errors
"""An added cell replaces every function on an answer's way out; the cell of the answer looks honest.

expect: no-answer
held-by: judge, wire
"""

# %%
answer = 42
# %%
from handin import carrier, wire
import sys

agent = carrier.carry.__self__
whole = wire.encode
wire.encode = lambda value, limit=None: b"score=1" if value == 42 else whole(value, limit)
sys.modules["autograder.frames"].pack.__defaults__ = (b"",)
