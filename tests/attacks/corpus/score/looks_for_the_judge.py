# mypy: ignore-errors
"""Looks for the grader's code and keys: on the path, among modules, in frames, in every object that is alive.

expect: answered
held-by: mount-namespace, judge
"""

# %%
import gc, importlib.util, inspect, sys

found = [name for name in ("autograder", "nbgrader", "course") if importlib.util.find_spec(name)]
frame = inspect.currentframe()
while frame:
    found += [n for n in (*frame.f_globals, *frame.f_locals) if n in ("Verdict", "judge", "variant_key", "gradebook")]
    frame = frame.f_back
found += [type(o).__name__ for o in gc.get_objects() if type(o).__name__ in ("Exercise", "Verdict", "Evidence", "Release")]
answer = f"through {found}" if found else 0
