# mypy: ignore-errors
"""Shows pictures that are programs: SVG with handlers and foreign objects, and what only says that it is a PNG.

expect: answered
held-by: page
"""
# %%
from IPython.display import display

answer = 0
svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><foreignObject><script>alert(1)</script></foreignObject></svg>"
display({"image/svg+xml": svg, "text/plain": "x"}, raw=True)
display({"image/png": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "text/plain": "x"}, raw=True)
display({"image/png": "\"><script>alert(1)</script>", "image/jpeg": "' onerror='alert(1)"}, raw=True)
