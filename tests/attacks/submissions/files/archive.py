"""Submits an archive with the notebook's name, and a bomb of one beside it.

expect: rejected-file
held-by: doctor
"""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.attacks.field import Given


def submission(given: Given) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("../../gradebook.db", b"mine")
        made.writestr("bomb", bytes(2**24))
    given.write(archive.getvalue())
    given.write(gzip.compress(bytes(2**24)), "nested.tar.gz")
