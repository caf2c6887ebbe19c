# mypy: ignore-errors
"""Raises an error whose text, whose class's name, and whose notes are the hidden input.

expect: no-answer
held-by: judge
"""


# %% function
def twice(x):
    error = type(f"E{x}", (ValueError,), {"__str__": lambda self: str(x), "__repr__": lambda self: str(x)})(x)
    error.add_note(str(x))
    raise error
