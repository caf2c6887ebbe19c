"""A notebook's Markdown as HTML that can do nothing: raw HTML escaped, pictures named, links only to the web."""

from __future__ import annotations

import re
from typing import Any

import mistune
from markupsafe import Markup, escape
from mistune.plugins.math import math
from mistune.plugins.table import table

from autograder.feedback.text import clean
from handin.words import _

LONGEST = 30_000  # characters; longer text is shown as it was typed
_FOLD = re.compile(r"^<details>\s*<summary>(.*)</summary>$|^</details>$", re.MULTILINE)
_LINK = re.compile(r"(https?://|mailto:)[^\s\x00-\x20]+", re.IGNORECASE)


class _Inert(mistune.HTMLRenderer):
    def __init__(self, below: int) -> None:
        super().__init__(escape=True)
        self._below = self._last = below  # level of the heading that these stand under

    def link(self, text: str, url: str, title: str | None = None) -> str:
        # An in-page anchor would lead to a card of ours or nowhere: text, like all else that is no web address.
        if not _LINK.fullmatch(url):
            return text
        return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow" target="_blank">{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        told = _("(picture: {text})").format(text=text) if text else _("(picture not shown)")
        return f'<span class="absent">{told}</span>'

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        # One level at a time, whatever the notebook does: a screen reader's outline has no holes.
        self._last = min(self._below + level, self._last + 1, 6)
        return f'<h{self._last} class="md-{level}">{text}</h{self._last}>\n'

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def list(self, text: str, ordered: bool, **attrs: Any) -> str:
        start = attrs.get("start")
        counted = f' start="{start}"' if isinstance(start, int) else ""
        return f"<ol{counted}>\n{text}</ol>\n" if ordered else f"<ul>\n{text}</ul>\n"

    def table(self, text: str) -> str:
        label = escape(_("Table"))
        return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0"><table>\n{text}</table></div>\n'

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        tag = "th" if head else "td"
        return f"<{tag}>{text}</{tag}>\n"

    def block_math(self, text: str) -> str:
        return f'<div class="math">$$ {escape(text)} $$</div>\n'

    def inline_math(self, text: str) -> str:
        return f'<span class="math">${escape(text)}$</span>'


def _plugins(renderer: _Inert) -> mistune.Markdown:
    page = mistune.Markdown(renderer=renderer, plugins=[math, table])
    # A plugin registers its own functions over the methods of the renderer: ours go back on top.
    for name in ("block_math", "inline_math", "table", "table_cell"):
        method = getattr(renderer, name)
        renderer.register(name, lambda _renderer, *args, method=method, **named: method(*args, **named))
    return page


class Notebook:
    """Renders the Markdown cells of one notebook in turn, its headings below level `below`."""

    def __init__(self, below: int = 2) -> None:
        self._markdown = _plugins(_Inert(below))

    def html(self, source: str) -> Markup:
        source = clean(source)
        # A hint that folds, as course notebooks write it: HTML as well, so its title stands there as text.
        source = _FOLD.sub(lambda fold: f"**{fold[1]}**" if fold[1] else "", source)
        if len(source) <= LONGEST:
            try:
                return Markup(str(self._markdown(source)))
            except Exception:  # a parser's limits (recursion, say) are no reason to lose the page
                pass
        return Markup("<pre>{}</pre>").format(source)
