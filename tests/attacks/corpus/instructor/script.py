# mypy: ignore-errors
"""Shows HTML with a script, a handler, a link and a frame that would run in whoever reads it.

expect: answered
held-by: page
"""
# %%
from IPython.display import HTML, IFrame, Javascript, display

answer = 0
for text in (
    "<script>document.title = 'canary'</script>", "<img src=x onerror=alert('canary')>", "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>", "<form action=https://example.org><input name=x></form>",
    "</pre></div></body><script>alert(1)</script>", "<style>@import 'https://example.org/x'</style>", "<base href=https://example.org>",
):
    display(HTML(text))
    print(text)
display(Javascript("alert('canary')"), IFrame("https://example.org", 10, 10))
