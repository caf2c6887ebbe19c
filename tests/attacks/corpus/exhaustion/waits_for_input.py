# mypy: ignore-errors
"""Asks a person for input, whom there is none.

expect: no-answer
held-by: clock
"""
# %%
del answer
answer = input("the key, please: ")
