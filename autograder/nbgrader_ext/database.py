"""The gradebook's database as a whole: copied while others write, and put into an empty place.

SQLite by its own online copy, PostgreSQL by pg_dump and psql. One database holds one course.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import AutograderError

SQLITE, POSTGRES = "gradebook.db", "gradebook.sql"
"""What a copy is called, by what it was copied from."""


class Database:
    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
        except SQLAlchemyError as error:
            raise AutograderError(f"c.CourseDirectory.db_url cannot be understood: {error}.") from error
        kind = self._url.get_backend_name()
        if kind not in ("sqlite", "postgresql") or (kind == "sqlite" and not self._url.database):
            raise AutograderError(
                f"The gradebook is kept by {kind}. Only SQLite and PostgreSQL can be copied here: back it up by its "
                "own tools."
            )
        self.copied_as = SQLITE if kind == "sqlite" else POSTGRES

    @property
    def file(self) -> Path | None:
        """Where it lies, if it is a file."""
        return Path(str(self._url.database)) if self.copied_as == SQLITE else None

    def __str__(self) -> str:
        return str(self.file or self._url.render_as_string(hide_password=True))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could be overwritten."""
        if self.file is not None:
            return not self.file.exists()
        engine = create_engine(self._url)
        try:
            return not inspect(engine).get_table_names()
        except SQLAlchemyError as error:
            raise AutograderError(f"{self} cannot be reached: {error}") from error
        finally:
            engine.dispose()

    def save(self, target: Path) -> None:
        """Copy it as it is at one moment. Who writes meanwhile waits for that moment, or does not notice."""
        if self.file is None:
            self._program("pg_dump", "--no-owner", "--no-privileges", "--file", str(target))
            return
        try:
            with closing(sqlite3.connect(self.file, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
                ((found,),) = copy.execute("PRAGMA quick_check(1)").fetchall()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        except sqlite3.Error as error:
            raise AutograderError(
                f"The gradebook {self} cannot be copied to {target.parent} ({error}). See that there is room; if it is "
                "damaged, mend it, or put it back from an older backup."
            ) from error

    def load(self, source: Path) -> None:
        """Put a copy into its place, all of it or nothing. The place is empty: see is_empty."""
        if self.file is None:
            self._program("psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--single-transaction",
                          "--file", str(source))  # fmt: skip
            return
        beside = self.file.with_name(f".{self.file.name}.part")
        beside.unlink(missing_ok=True)
        beside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, beside)
        beside.rename(self.file)

    def _program(self, name: str, *arguments: str) -> None:
        # The password goes by the environment: a command line is everybody's to read.
        environment = dict(os.environ)
        if self._url.password is not None:
            environment["PGPASSWORD"] = str(self._url.password)
        address = self._url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        try:
            subprocess.run(
                [name, "--no-password", "--dbname", address, *arguments],
                env=environment, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except FileNotFoundError:
            raise AutograderError(
                f"{name} is not installed: it copies a gradebook of PostgreSQL. Install PostgreSQL's client programs "
                "(postgresql-client), of the server's version or newer."
            ) from None
        except subprocess.CalledProcessError as error:
            raise AutograderError(f"{name} failed on {self}: {error.stderr.strip()[-1000:]}") from error


def missing(course: Any) -> Path | None:
    """Return where the gradebook of a course would be, if it is a file and not there: nbgrader would make an empty one,
    which belongs to whoever asked."""
    try:
        url = make_url(course.db_url)
    except SQLAlchemyError:
        return None  # for nbgrader to say
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    file = Path(str(url.database))
    return None if file.exists() else file


def of(course: Any) -> Database:
    """Return the database of a course that was opened (places.open_course)."""
    return Database(course.db_url)
