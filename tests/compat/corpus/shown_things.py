# mypy: ignore-errors
"""Show HTML, Markdown, formulas, JSON, and something that changes while it is shown."""

# %%
from IPython.display import HTML, JSON, SVG, Image, Latex, Markdown, Math, clear_output, display

display(HTML("<b>bold</b>"), Markdown("**bold** $x^2$"), Latex("$x^2$"), Math("x^2"), JSON({"a": 1}))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><circle r='4'/></svg>"))

# %%
handle = display("first", display_id=True)
handle.update("second")
print("gone")
clear_output()
print("here")


# %%
class Shown:
    def _repr_html_(self):
        return "<i>mine</i>"


Shown()

# %%
hand_in("work", "value", "v", 3)
