# mypy: ignore-errors
"""Returns the hidden input, so that feedback shows it beside what was expected.

expect: answered
held-by: judge
"""


# %% function
def twice(x):
    return {"input": x, "words": f"<b>{x}</b>"}
