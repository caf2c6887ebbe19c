# mypy: ignore-errors
"""Shows Markdown, LaTeX, JSON, widgets and kinds of output that nobody knows.

expect: answered
held-by: page
"""
# %%
from IPython.display import display

answer = 0
for kind, text in {
    "text/markdown": "[x](javascript:alert(1)) <script>alert(1)</script> ![x](https://example.org/x.png)",
    "text/latex": r"$\href{javascript:alert(1)}{x} \immediate\write18{id} \input{/etc/passwd}$",
    "application/javascript": "alert(1)", "application/vnd.jupyter.widget-view+json": '{"model_id": "x"}',
    "application/pdf": "JVBERi0=", "text/<script>alert(1)</script>": "x", "application/json": '"</script><script>alert(1)</script>"',
}.items():
    display({kind: text, "text/plain": "<b onclick=alert(1)>plain</b>"}, raw=True)
