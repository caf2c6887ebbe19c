# mypy: ignore-errors
"""Raises an error whose name, text and traceback are markup and terminal escapes.

expect: no-answer
held-by: page
"""
# %%
del answer
kind = type("<script>alert(1)</script>", (Exception,), {"_render_traceback_": lambda self: ["<img src=x onerror=alert(1)>", "\x1b]0;title\x07\x1b[2J\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07"]})
raise kind("</pre><script>alert(1)</script>\x1b[31m")
