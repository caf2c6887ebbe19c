# mypy: ignore-errors
"""Writes to files below /proc that belong to itself: how it is called, what a core dump holds, who is killed first.

expect: answered
held-by: landlock
"""
# %%
answer = 0
for name, value in (("coredump_filter", "33"), ("comm", "autograder"), ("oom_score_adj", "0"), ("timerslack_ns", "1"), ("loginuid", "0")):
    try:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(value)
        answer = f"through {name}"
    except OSError:
        pass
