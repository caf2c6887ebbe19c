"""nbgrader's release_feedback, for notebooks that students renamed, too.

Students fetch the page of each notebook by the name that it had when they handed it in. Where that is another one than
was released (submission.named_as_released), the page is laid under both.
"""

from __future__ import annotations

import glob
import shutil
from pathlib import Path

from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.nbgrader_ext.places import folder, small_file

SECRET = "submission_secret.txt"
"""The last file that `nbgrader submit` writes. Feedback is laid under a name that only who has it can know."""


class ReleaseFeedback(ExchangeReleaseFeedback):
    def copy_files(self) -> None:
        super().copy_files()
        for written in glob.glob(self.src_path):  # noqa: PTH207  (nbgrader's own pattern, absolute)
            self._also_as_handed_in(Path(written))

    def _also_as_handed_in(self, written: Path) -> None:
        submitted = folder(self.coursedir, "submitted", written.parent.name, written.name)
        pages = {page.stem: page for page in written.glob("*.html")}
        came = {path.stem for path in submitted.glob("*.ipynb")}
        missing, unknown = pages.keys() - came, came - pages.keys()
        secret = secret_of(written)
        if len(missing) == len(unknown) == 1 and secret:
            target = self.page(secret, *unknown)
            shutil.copy(pages[missing.pop()], beside := target.with_name(f"{target.stem}-tmp.html"))
            beside.replace(target)

    def page(self, secret: str, notebook: str) -> Path:
        """Return where the feedback on one notebook of a submission lies."""
        return Path(self.dest_path) / page_name(secret, notebook)


def page_name(secret: str, notebook: str) -> str:
    """Return the name that the feedback on one notebook of a submission has in the exchange."""
    return f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"


def secret_of(place: Path) -> str:
    """Return the secret that came with a submission; empty where none came, as from an older nbgrader."""
    try:
        return small_file(place / SECRET).decode()
    except UnicodeDecodeError:
        return ""
