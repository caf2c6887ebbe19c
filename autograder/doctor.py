"""Repairs a submitted notebook against the release that its student fetched, before anything else trusts it.

Nothing a student wrote is thrown away: what stood in a locked cell runs in a cell of its own, copies run where they
stood, an answer keeps its text. Cells are found by what they hold and by their ids, never by where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from autograder import ipynb
from autograder.cells import SHOWS
from autograder.errors import AutograderError, NotebookError
from autograder.forms import CHECK
from autograder.types import Remark
from handin.words import N_, _, ngettext

if TYPE_CHECKING:
    from autograder.release import Release

SKIP = "skip-execution"
"""nbclient does not run a cell with this tag; on a check cell it would look like full marks to nbgrader."""

_PICTURES: tuple[str, ...] = ("image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True)
class Repaired:
    notebook: dict[str, Any]  # nbformat 4.5, every graded cell of the release exactly once, no outputs
    repairs: tuple[Remark, ...]


@dataclass(frozen=True, eq=False)
class _Released:
    """A cell as it was given out."""

    index: int
    kind: str
    source: str
    id: str
    metadata: Mapping[str, Any]
    attachments: Mapping[str, Any]
    grade_id: str  # "" for an ordinary cell
    graded: bool
    locked: bool

    @property
    def exercise(self) -> str:
        return SHOWS.sub("", self.grade_id)

    @property
    def needed(self) -> bool:
        """Must be there. A deleted work cell need not: put back, its stub would overwrite the student's variables."""
        return self.graded or self.locked


@dataclass(eq=False)
class _Cell:
    kind: str
    source: str
    id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    stands_for: _Released | None = None
    aside: bool = False

    @property
    def claim(self) -> str:
        """The nbgrader id that the cell says it has."""
        claimed = _nbgrader(self.metadata).get("grade_id")
        return claimed if isinstance(claimed, str) else ""


def repair(raw: bytes, release: Release, notebook: str) -> Repaired:
    """Return the notebook that is run and graded, and what had to be done to it.

    Pure; the same bytes give the same notebook, and a repaired notebook is left as it is. NotebookError if nothing can
    be made of the bytes, or if the release has no notebook of that name; nothing else is raised whatever they hold.
    """
    return _Case(ipynb.read(raw), release, notebook).treated()


def blank(release: Release, notebook: str, why: str) -> Repaired:
    """Return the notebook as released, in place of one that never came or that cannot be read."""
    case = _Case({"cells": [], "metadata": {}}, release, notebook)
    case.cells = [_Cell(r.kind, r.source, r.id, stands_for=r) for r in case.released]
    told = _("{name}.ipynb could not be read: {why}. Nothing in it could be graded.")
    return Repaired(
        case.built(),
        (Remark(told.format(name=notebook, why=_(why).rstrip(".")), f"{notebook}.ipynb unreadable: {why}"),),
    )


class _Case:
    def __init__(self, notebook: Mapping[str, Any], release: Release, name: str) -> None:
        try:
            given = release.notebooks[name]
        except KeyError:
            known = ", ".join(f"{n}.ipynb" for n in release.notebooks) or "none"
            told = _("{name}.ipynb is no notebook of {assignment}. Give it the name it came with: {known}")
            raise NotebookError(told.format(name=name, assignment=release.assignment, known=known)) from None
        self.titles = _titles(release)
        self.given = given
        self.released = [_released(number, cell) for number, cell in enumerate(given["cells"])]
        self.metadata: Mapping[str, Any] = notebook["metadata"]
        self.cells = [
            _Cell(c["cell_type"], c["source"], c.get("id", ""), c["metadata"], c.get("attachments", {}))
            for c in notebook["cells"]
        ]
        self.remarks: list[tuple[_Cell | None, str, str]] = []
        self.squeezed = cache(_squeezed)  # each text is compared with each other one several times
        self.unique = _unique(self.released, self.squeezed)

    def treated(self) -> Repaired:
        self.untag()
        self.match()
        self.put_back_changed()
        self.match_ordinary()
        self.put_back_missing()
        self.put_checks_below_their_work()
        self.note_the_rest()
        built = self.built()
        places = {id(cell): number for number, cell in enumerate(self.cells)}
        remarks = (Remark(told, noted, places.get(id(cell))) for cell, told, noted in self.remarks)
        return Repaired(built, tuple(remarks))

    def remark(self, cell: _Cell | None, student: str, staff: str) -> None:
        self.remarks.append((cell, student, staff))

    def name(self, released: _Released) -> str:
        title = self.titles.get(released.exercise, released.exercise)
        if released.locked and not released.graded:
            asks = SHOWS.search(released.grade_id)
            told = _("the cell that shows the question “{title}”") if asks else _("a locked cell")
        elif released.locked and released.kind == "code":
            hands_in = CHECK.search(released.source)
            told = _("the cell that hands in “{title}”") if hands_in else _("the cell that tests “{title}”")
        elif released.locked:
            told = _("the task “{title}”")
        elif released.graded:
            told = _("your answer to “{title}”")
        else:
            told = _("the work cell {name}") if released.grade_id else _("a cell of code")
        return told.format(title=title, name=released.grade_id)

    # -- steps, in the order they are taken ------------------------------------------------------------------------

    def untag(self) -> None:
        tagged = [cell for cell in self.cells if SKIP in _tags(cell.metadata)]
        if tagged:
            self.remark(
                tagged[0],
                ngettext(
                    "A cell carried a tag that keeps it from running. The tag was removed, because every cell runs at "
                    "grading.",
                    "Cells carried a tag that keeps it from running. The tag was removed, because every cell runs at "
                    "grading.",
                    len(tagged),
                ),
                f"tag {SKIP} removed from {len(tagged)} cell(s)",
            )

    def match(self) -> None:
        """Decide which cell stands for which released one."""
        graders = {r.grade_id: r for r in self.released if r.grade_id}
        wanted: dict[_Released, list[_Cell]] = {}
        for cell in self.cells:
            # A locked cell is known by what it holds, even under another id. An answer changes, so its id goes first.
            same = self.unique.get(self.squeezed(cell.source))
            claimed = graders.get(cell.claim)
            if same is not None and same.locked:
                wanted.setdefault(same, []).append(cell)
            elif claimed is not None:
                wanted.setdefault(claimed, []).append(cell)
        for released, candidates in wanted.items():
            self.choose(released, candidates)
        self.match_rest([r for r in self.released if r.grade_id], {id(c) for some in wanted.values() for c in some})

    def match_rest(self, released: Sequence[_Released], but: Collection[int] = ()) -> None:
        """Find cells that have no nbgrader id, or lost it: by the notebook's own cell id, then by what they hold."""
        taken = {cell.stands_for for cell in self.cells}
        ids = {r.id: r for r in released if r.id}
        # An empty work cell tells nothing by what it holds, and need not be there.
        sources = {text: r for text, r in self.unique.items() if r in released and (r.needed or not r.grade_id)}
        for index in (ids, sources):
            for cell in self.cells:
                found = index.get(cell.id if index is ids else self.squeezed(cell.source))
                if cell.stands_for is None and found is not None and found not in taken and id(cell) not in but:
                    cell.stands_for = found
                    taken.add(found)

    def choose(self, released: _Released, candidates: Sequence[_Cell]) -> None:
        """Of several cells the last of the likeliest stands for the released one; the others stay as they are."""
        changed = [cell for cell in candidates if not self.same(cell.source, released.source)]
        named = [cell for cell in candidates if cell.claim == released.grade_id]
        if released.locked:
            intact = [cell for cell in candidates if cell not in changed]
            best = [cell for cell in intact if cell in named] or intact or candidates
        else:
            best = [cell for cell in changed if cell.source.strip()] or candidates
        chosen = best[-1]
        chosen.stands_for = released
        if len(named) > 1:
            title = self.titles.get(released.exercise, released.exercise)
            told = _("There were {n} copies of {cell}.").format(n=len(named), cell=self.name(released))
            if released.kind == "code":
                how = _("All of them ran; of several answers the last one that ran counts.")
            else:
                how = _("The last one that you changed is graded; the others stay where they are.")
            self.remark(
                chosen, f"{told} {how}" if title else "", f"{released.grade_id}: {len(named)} copies, one keeps the id"
            )

    def put_back_changed(self) -> None:
        for cell in list(self.cells):
            released = cell.stands_for
            if released is None:
                continue
            kind = cell.kind
            self.retype(cell, released)
            if released.locked and not self.same(cell.source, released.source):
                told = _("You changed {cell}. It is back as it was given to you.")
                if cell.source.strip():
                    before = _Cell(kind, cell.source, aside=True)
                    self.cells.insert(self.cells.index(cell), before)
                    told = _(
                        "You changed {cell}. It is back as it was given to you; what you wrote there stands in a cell "
                        "of its own just above it."
                    )
                self.remark(cell, told.format(cell=self.name(released)), f"{released.grade_id}: locked cell restored")
            if released.locked:
                cell.source = released.source
            self.compare_metadata(cell, released)

    def match_ordinary(self) -> None:
        self.match_rest([r for r in self.released if not r.grade_id])
        for cell in self.cells:
            if cell.stands_for is not None and cell.stands_for.kind == "code":
                self.retype(cell, cell.stands_for)

    def retype(self, cell: _Cell, released: _Released) -> None:
        if cell.kind != released.kind:
            told = _("{cell} had become a {kind} cell. It is a {given} cell again.")
            self.remark(
                cell,
                _upper(told.format(cell=self.name(released), kind=_kind(cell.kind), given=_kind(released.kind))),
                f"{released.grade_id or f'cell {released.index}'}: {cell.kind} cell made {released.kind} again",
            )
            cell.kind = released.kind

    def compare_metadata(self, cell: _Cell, released: _Released) -> None:
        found, given = _nbgrader(cell.metadata), _nbgrader(released.metadata)
        if not found:
            self.remark(cell, "", f"{released.grade_id}: nbgrader metadata restored")
            return
        if found.get("grade_id") != released.grade_id:
            self.remark(
                cell,
                _upper(_("{cell} had lost its name; it was found by what it holds.").format(cell=self.name(released))),
                f"{released.grade_id}: grade id was {ipynb.text(str(found.get('grade_id')))[:60]!r}",
            )
        if "points" in given and found.get("points") != given["points"]:
            told = _("The points of {cell} had been changed. They are what they were: {points:g}.")
            told = told.format(cell=self.name(released), points=given["points"])
            self.remark(cell, told, f"{released.grade_id}: points were {ipynb.text(str(found.get('points')))[:20]}")
        edited = [n for n in ("grade", "solution", "locked", "task", "cell_type") if found.get(n) != given.get(n)]
        if edited:
            self.remark(cell, "", f"{released.grade_id}: metadata restored ({', '.join(edited)})")

    def put_back_missing(self) -> None:
        imports = [r for r in self.released if r.kind == "code" and "handin" in r.source and not r.grade_id]
        if imports and not any("handin" in cell.source for cell in self.cells if cell.kind == "code"):
            stands_for = None if self.standing_for(imports[0]) else imports[0]
            self.cells.insert(0, _Cell("code", imports[0].source, stands_for=stands_for, aside=True))
            self.remark(
                self.cells[0],
                _("The cell that makes ask() and check() known was missing. It was put back."),
                "cell with the import of handin put back",
            )
        for released in self.released:
            if not released.needed or self.standing_for(released) is not None:
                continue
            cell = _Cell(released.kind, released.source, stands_for=released)
            self.cells.insert(self.place_of(released), cell)
            told = _("{cell} was missing. It was put back.").format(cell=self.name(released))
            self.remark(cell, _upper(told), f"{released.grade_id}: deleted, put back")

    def place_of(self, released: _Released) -> int:
        """Return where a deleted cell goes: below what preceded it; a graded one below what was added there, too."""
        places = {c.stands_for.index: n for n, c in enumerate(self.cells) if c.stands_for is not None}
        above = next((places[n] for n in range(released.index - 1, -1, -1) if n in places), -1)
        below = [place for n, place in places.items() if n > released.index and place > above]
        if not released.graded:
            return above + 1
        return min(below) if below else above + 1 if any(n > released.index for n in places) else len(self.cells)

    def put_checks_below_their_work(self) -> None:
        for released, block in self.blocks():
            check = self.standing_for(released)
            work = [cell for r in block if (cell := self.standing_for(r)) is not None]
            if check is None or not work:
                continue
            last = max(self.cells.index(cell) for cell in work)
            place = self.cells.index(check)
            if place < last:
                self.cells.insert(last + 1, check)
                del self.cells[place]
                told = _("{cell} stood above the work that it hands in. It was moved below it.")
                self.remark(
                    check,
                    _upper(told.format(cell=self.name(released))),
                    f"{released.grade_id}: moved below its work cell",
                )

    def note_the_rest(self) -> None:
        known = {r.grade_id for r in self.released if r.grade_id}
        strangers = [c for c in self.cells if c.stands_for is None and _nbgrader(c.metadata) and c.claim not in known]
        if strangers:
            names = ", ".join(sorted({c.claim[:60] or "?" for c in strangers})[:5])
            self.remark(
                strangers[0],
                _("A cell was marked as graded, but this notebook has no such exercise. It ran as an ordinary cell."),
                f"{len(strangers)} cell(s) with unknown grade id lost it: {names}",
            )
        added = [c for c in self.cells if c.stands_for is None and not c.aside and c.source.strip()]
        if added:
            self.remark(added[0], "", f"{len(added)} added cell{'s' if len(added) > 1 else ''}")
        spoken = _language(self.metadata)
        if spoken and spoken != _language(self.given.get("metadata", {})):
            self.remark(
                None,
                _("The notebook was set to another language. It ran in the language of the course."),
                f"foreign kernel: {spoken[:40]!r}",
            )

    def built(self) -> dict[str, Any]:
        """Return the notebook. What it takes over from the release is the release's own: a class shares it."""
        used = {r.id for r in self.released if r.id}
        cells = []
        for number, cell in enumerate(self.cells):
            released = cell.stands_for
            if released is not None and released.id:
                name = released.id
            elif cell.id and cell.id not in used:
                name = cell.id
            else:
                name = next(
                    n for k in range(number, number + len(self.cells) * 2 + 1) if (n := f"extra-{k}") not in used
                )
            used.add(name)
            metadata = dict(released.metadata) if released is not None else {}
            made: dict[str, Any] = {"cell_type": cell.kind, "id": name, "metadata": metadata, "source": cell.source}
            if cell.kind == "code":
                made |= {"execution_count": None, "outputs": []}
            elif pictures := _pictures(cell.attachments) | dict(released.attachments if released is not None else {}):
                made["attachments"] = pictures
            cells.append(made)
        metadata = dict(self.given.get("metadata", {}))
        return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}

    # -- questions -------------------------------------------------------------------------------------------------

    def same(self, one: str, other: str) -> bool:
        return self.squeezed(one) == self.squeezed(other)

    def standing_for(self, released: _Released) -> _Cell | None:
        return next((cell for cell in self.cells if cell.stands_for is released), None)

    def blocks(self) -> Iterable[tuple[_Released, list[_Released]]]:
        """Yield each check cell with the code cells between it and the graded cell before it."""
        block: list[_Released] = []
        for released in self.released:
            if released.graded:
                if released.locked and released.kind == "code":
                    yield released, block
                block = []
            elif released.kind == "code" and not released.locked:
                block.append(released)


def _released(index: int, cell: Mapping[str, Any]) -> _Released:
    metadata = cell.get("metadata", {})
    about = _nbgrader(metadata)
    solution, task = bool(about.get("solution")), bool(about.get("task"))
    graded = bool(about.get("grade")) or task
    locked = not solution and (bool(about.get("locked")) or (graded and not task))
    named = graded or locked or solution
    return _Released(
        index,
        cell["cell_type"],
        ipynb.text(cell.get("source")),
        cell.get("id", ""),
        metadata,
        cell.get("attachments", {}),
        str(about.get("grade_id", "")) if named else "",
        graded,
        locked,
    )


def _unique(released: Iterable[_Released], squeezed: Callable[[str], str]) -> dict[str, _Released]:
    """Index cells by their text; texts that several cells share, such as an empty answer, tell nothing."""
    found: dict[str, list[_Released]] = {}
    for cell in released:
        found.setdefault(squeezed(cell.source), []).append(cell)
    return {text: cells[0] for text, cells in found.items() if text and len(cells) == 1}


def _titles(release: Release) -> dict[str, str]:
    try:
        return {name: str(question["title"]) for name, question in release.questions["exercises"].items()}
    except (AutograderError, KeyError, TypeError, AttributeError):
        return {}


def _nbgrader(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    about = metadata.get("nbgrader")
    return about if isinstance(about, Mapping) else {}


def _tags(metadata: Mapping[str, Any]) -> Sequence[Any]:
    tags = metadata.get("tags")
    return tags if isinstance(tags, list | str) else ()


def _language(metadata: Mapping[str, Any]) -> str:
    for place, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(place)
        language = about.get(name) if isinstance(about, Mapping) else None
        if isinstance(language, str) and language:
            return language.lower().replace("ipython", "python")
    return ""


def _pictures(attachments: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    kept = {name: {m: v for m, v in bundle.items() if m in _PICTURES} for name, bundle in attachments.items()}
    return {name: bundle for name, bundle in kept.items() if bundle}


def _squeezed(source: str) -> str:
    return "".join(source.split())


_KINDS = {"code": N_("code"), "markdown": N_("markdown"), "raw": N_("raw")}


def _kind(kind: str) -> str:
    return _(_KINDS.get(kind, kind))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
