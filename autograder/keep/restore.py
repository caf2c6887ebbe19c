"""Puts a course back from a backup: into an empty folder, and nowhere over anything that is there.

It is unpacked and completed in a folder inside, and moved to its places at the end, course/ last: until then every
command says that this is no course. So a restore that was killed is never taken for one that was done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.keep.archive import Backup, check, give_back, unpack
from autograder.keep.backup import EXCHANGE
from autograder.nbgrader_ext.collect import Arrival
from autograder.nbgrader_ext.database import of
from autograder.nbgrader_ext.places import open_course, submitted_at
from autograder.nbgrader_ext.shelf import Shelf
from autograder.watch.marks import Marks

SCRATCH = ".restoring"
ASIDE = "exchange-from-backup"
"""What the backup held of the exchange, until it is laid there. Not `exchange`, which may be the exchange itself."""

CONFIGURATION = "nbgrader_config.py"


@dataclass
class Restored:
    backup: Backup
    gradebook: str = ""  # where it is now
    collected: dict[str, None] = field(default_factory=dict)  # submissions that still lay in the exchange
    notes: list[str] = field(default_factory=list)  # what a person has to look at


def restore(file: Path, folder: Path, database: str = "", exchange: str = "") -> Restored:
    """Restore into folder, which is new or empty. database, exchange: others than nbgrader_config.py names."""
    _require_empty(folder)
    backup = check(file)
    scratch = folder / SCRATCH
    try:
        # It may be there already, with rights of its own: a volume that was mounted.
        mine = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch.mkdir(mode=0o700)
        unpack(file, backup, scratch)
        done = Restored(backup)
        _configure(scratch, database, exchange)
        _collect(scratch, backup.more.get("arrived", {}), done)
        _give_to_grader(scratch, backup)
        written = _gradebook(scratch, folder, backup, done)
        try:
            for path in sorted(scratch.iterdir(), key=lambda path: path.name == "course"):
                path.rename(folder / (ASIDE if path.name == EXCHANGE else path.name))
        except OSError:
            if written is not None:
                written.unlink(missing_ok=True)
            raise
        scratch.rmdir()
        if mine:
            give_back(folder, *backup.head["folder"])
    except OSError as error:
        raise AutograderError(
            f"{folder} could not be written ({error.strerror or error}). Make room or mend the rights, empty the "
            "folder, and run this again."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _lay_exchange(folder, done)
    return done


def _require_empty(folder: Path) -> None:
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if SCRATCH in there:
        raise AutograderError(f"{folder} holds what a restore left that was interrupted. Empty it, and run this again.")
    if (folder.exists() and not folder.is_dir()) or [name for name in there if name != "lost+found"]:
        raise AutograderError(f"{folder} is not empty: nothing is ever put over what is there. Name a new folder.")


def _configure(scratch: Path, database: str, exchange: str) -> None:
    """Have nbgrader look where the restored course is to look, by lines at the end of its configuration."""
    lines = [f"c.CourseDirectory.db_url = {database!r}"] if database else []
    lines += [f"c.Exchange.root = {str(Path(exchange).resolve())!r}"] if exchange else []
    if lines:
        with (scratch / CONFIGURATION).open("a", encoding="utf-8") as file:
            file.write("\n# By `autograder restore`:\n" + "\n".join(lines) + "\n")


def _gradebook(scratch: Path, folder: Path, backup: Backup, done: Restored) -> Path | None:
    """Put the gradebook where the configuration looks for it. Return the file, if it lies elsewhere than in folder."""
    name = backup.more.get("gradebook", "")
    if not name:
        done.notes.append("There was no gradebook when the backup was made.")
        return None
    target, source = of(open_course(scratch)), scratch / name
    if target.copied_as != name:
        raise AutograderError(
            f"The backup holds a gradebook of {_kind(name)}, and nbgrader_config.py names {target}. Name an empty "
            f"database of {_kind(name)} with --db."
        )
    if target.file is not None and scratch.resolve() in target.file.resolve().parents:
        place = target.file.resolve().relative_to(scratch.resolve())
        if place != Path(name):
            (scratch / place).parent.mkdir(parents=True, exist_ok=True)
            source.rename(scratch / place)
        done.gradebook = str(folder / place)
        return None
    if not target.is_empty:
        raise AutograderError(
            f"nbgrader_config.py names the gradebook {target}, which holds something: a restored course would write "
            "into it. Name an empty one with --db URL; if an interrupted restore filled it, empty it."
        )
    target.load(source)
    source.unlink()
    done.gradebook = str(target)
    return target.file


def _kind(name: str) -> str:
    return "SQLite" if name.endswith(".db") else "PostgreSQL"


def _collect(scratch: Path, arrived: Mapping[str, Any], done: Restored) -> None:
    """Take over what nobody had collected, with the time at which it came: laid back it would look as if it came now.

    The newest of each student becomes the submission, the others lie where earlier submissions do.
    """
    inbound = scratch / EXCHANGE / "inbound"
    for name, about in sorted(arrived.items(), key=lambda item: str(item[1]["changed"])):
        came, student, assignment = inbound / name, str(about["student"]), str(about["assignment"])
        if not came.is_dir() or any(part in ("", ".", "..") or "/" in part for part in (name, student, assignment)):
            continue
        (came / "timestamp.txt").unlink(missing_ok=True)
        (came / "timestamp.txt").write_text(about["changed"])
        came.chmod(0o755)
        changed, target = submitted_at(came), scratch / "submitted" / student / assignment
        known = submitted_at(target) or datetime.min if target.is_dir() else None
        newer = known is None or (changed is not None and changed > known and not about["too_late"])
        if newer and known is not None:
            _move(target, _superseded(scratch, student, assignment, known))
        _move(came, target if newer else _superseded(scratch, student, assignment, changed or datetime.min))
        if newer:
            done.collected[f"{student}, {assignment}"] = None
            if (scratch / "records" / "watch").is_dir() and changed is not None:
                Marks(scratch / "records").begin(
                    Arrival(student, assignment, Path(name), changed, None), datetime.now(UTC)
                )
    shutil.rmtree(inbound, ignore_errors=True)


def _give_to_grader(scratch: Path, backup: Backup) -> None:
    """As root: what was collected just now belongs to whom the course does."""
    user, group, _ = backup.head["folder"]
    for name in ("submitted", "records/superseded", "records/watch") if os.geteuid() == 0 else ():
        for path in ((scratch / name), *(scratch / name).rglob("*")):
            if path.exists() and path.stat().st_uid == 0:
                give_back(path, user, group, path.stat().st_mode)


def _superseded(scratch: Path, student: str, assignment: str, moment: datetime) -> Path:
    name = f"{moment:%Y%m%dT%H%M%S%f}" if moment > datetime.min else "unknown"
    return scratch / "records" / "superseded" / assignment / student / name


def _move(source: Path, target: Path) -> None:
    """Move a submission; where the same one, of the same moment, was kept already, that one does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(source)
    else:
        source.rename(target)


def _lay_exchange(folder: Path, done: Restored) -> None:
    """Lay releases and feedback where students fetch them, unless something is there."""
    kept = folder / ASIDE
    if not kept.is_dir():
        return
    shelf = Shelf(open_course(folder))
    place = shelf.place
    user, group, _ = done.backup.head["folder"]
    if shelf.root is not None and not shelf.root.exists() and folder.resolve() in shelf.root.resolve().parents:
        shelf.root.mkdir(parents=True)
        give_back(shelf.root, user, group, 0o777)  # as nbgrader makes it
    if shelf.root is None or place is None or not os.access(shelf.root, os.W_OK | os.X_OK):
        done.notes.append(
            f"The exchange {shelf.root} is not there, or you may not write to it. What it held is in {kept}: make it "
            f"(mode 777), and put that into {place}."
        )
        return
    if place.exists():
        done.notes.append(
            f"The exchange {place} holds something, and was left as it is: if it is another course's that goes on, set "
            f"c.Exchange.root in nbgrader_config.py to another folder. What the backup held of it is in {kept}."
        )
        return
    try:
        _lay(kept, place, user, group)
    except OSError as error:
        done.notes.append(f"{place} could not be written ({error.strerror}). What belongs there is in {kept}.")
    else:
        shutil.rmtree(kept)


def _lay(kept: Path, place: Path, user: str, group: str) -> None:
    place.mkdir(mode=0o755)
    for name, mode in (("outbound", 0o755), ("inbound", 0o733), ("feedback", 0o711)):  # as nbgrader makes them
        if (kept / name).is_dir():
            shutil.copytree(kept / name, place / name)
        else:
            (place / name).mkdir()
            (place / name).chmod(mode)
    for path in (place, *place.rglob("*")):
        give_back(path, user, group, path.stat().st_mode)
