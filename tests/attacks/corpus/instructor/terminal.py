# mypy: ignore-errors
"""Prints what a terminal obeys: titles, clipboards, links, cleared screens, text from right to left.

expect: answered
held-by: page
"""
# %%
answer = 0
print("\x1b]0;canary\x07\x1b]52;c;Y2FuYXJ5\x07\x1b[2J\x1b[H\x9b31m\u202eyrrah\u202c\x00\x08\x7f\u200b\ufeff" * 20)
