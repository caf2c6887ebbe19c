"""The one way from data to HTML: Jinja2, always escaping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.feedback import text
from handin import words

_HERE = Path(__file__).parent

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Nothing is loaded, nothing runs, nothing is sent: also from a place that trusts this page's origin, as a hub does."""


def environment(*folders: Path) -> Environment:
    """Templates of these folders, then of this one."""
    made = Environment(
        loader=FileSystemLoader([*folders, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # In whichever language is spoken when a page is made.
    made.install_gettext_callables(words._, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        {f.__name__: f for f in (text.number, text.whole, text.percent, text.span, text.prose, text.said, text.points)}
    )
    made.filters.update(slug=text.slug, short=text.bounded, upper_first=text.upper)
    made.globals.update(policy=POLICY, style=style(), language=words.language)
    return made


def style(*more: Path) -> Markup:
    """Our style sheets, as text for a <style> element."""
    return Markup("\n".join(path.read_text(encoding="utf-8") for path in (_HERE / "style.css", *more)))


def page(template: str, made: Environment, **values: Any) -> str:
    """Render one whole page that any encoder takes: lone surrogates of a notebook's JSON become question marks."""
    html = made.get_template(template).render(**values)
    return html.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
