"""python -m translate: brings handin.pot and every language up to date; python -m translate fr: begins one."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog

from handin.words import DOMAIN
from translate import catalogue


def main(arguments: list[str]) -> str:
    """Return what is wrong; "" if nothing is."""
    new = catalogue.template()
    catalogue.LOCALE.mkdir(exist_ok=True)
    catalogue.TEMPLATE.write_bytes(catalogue.written(new))
    for language in arguments:
        path = catalogue.LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.exists():
            continue
        try:
            begun = catalogue.begin(language, new)
        except ValueError as error:
            return str(error)
        path.parent.mkdir(parents=True)
        path.write_bytes(catalogue.written(begun))
    found = [_brought_up_to_date(path, new) for path in sorted(catalogue.LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))]
    return "\n".join(filter(None, found))


def _brought_up_to_date(path: Path, new: Catalog) -> str:
    language = catalogue.update(catalogue.read(path), new)
    path.write_bytes(catalogue.written(language))
    name, left, wrong = path.parts[-3], catalogue.missing(language), list(catalogue.wrong(language))
    print(f"{name}: {len(language) - len(left)} of {len(language)} texts translated")
    if left or wrong:  # a language is whole, or not offered
        path.with_suffix(".mo").unlink(missing_ok=True)
        return "\n".join(
            [*wrong, f"{name}: {len(left)} texts are left in {path}, the first: {left[0]!r}"] if left else wrong
        )
    path.with_suffix(".mo").write_bytes(catalogue.compiled(language))
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)
