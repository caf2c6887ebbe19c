"""What was said in English where no language is known, a sandbox above all, told in the language that is spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from handin.words import _, grouped


def retold(said: str, texts: Iterable[str]) -> str:
    """Return `said` translated where it is one of these texts, its fields filled in by words without a blank; else as
    it is."""
    for text in texts:
        if found := _pattern(text).fullmatch(said):
            return _(text).format(**{name: grouped(value) for name, value in found.groupdict().items()})
    return said


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", text)
    return re.compile("".join(rf"(?P<{part}>\S+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))
