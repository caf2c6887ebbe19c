"""The files of the catalogue: in step with the code, whole, and of no harm to what is filled in."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.wheel import student_wheel
from handin import words
from handin.words import _, ngettext, speaking
from tests.words import pseudo
from translate import catalogue
from translate.__main__ import main

SHIPPED = sorted(catalogue.LOCALE.glob("*/LC_MESSAGES/handin.po"))
each = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parts[-3])


def test_the_template_holds_what_the_code_says() -> None:
    assert catalogue.written(catalogue.template()) == catalogue.TEMPLATE.read_bytes(), "run `make words`"


@pytest.mark.parametrize("folder", ["autograder", "student/handin"])
def test_no_text_hides_in_an_f_string_where_it_is_not_found(folder: str) -> None:
    for path in sorted((catalogue.ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = [call for call in ast.walk(node) if isinstance(call, ast.Call) and call.args]
                names = [call.func.id for call in calls if isinstance(call.func, ast.Name) and _is_text(call.args[0])]
                assert not {"_", "N_", "ngettext"} & set(names), f"{path}:{node.lineno}"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@each
def test_a_language_that_ships_is_whole_and_compiled(path: Path) -> None:
    found = catalogue.read(path)
    assert catalogue.missing(found) == []
    assert {m.id for m in found} == {m.id for m in catalogue.read(catalogue.TEMPLATE)}, "run `make words`"
    assert catalogue.compiled(found) == path.with_suffix(".mo").read_bytes(), "run `make words`"


@each
def test_a_translation_takes_what_is_filled_in(path: Path) -> None:
    assert list(catalogue.wrong(catalogue.read(path))) == []


@pytest.mark.parametrize("spoilt", ["{num}", "{n:d}", "", "{n} {more}", "{n"])
def test_a_translation_that_would_not_take_it_is_found(spoilt: str) -> None:
    made = pseudo.made()
    assert list(catalogue.wrong(made)) == []
    message = made["a model of more than {n} MB"]
    message.string = f"X {spoilt}"
    assert len(list(catalogue.wrong(made))) == 1


def test_a_plural_may_leave_the_number_out() -> None:
    made = pseudo.made()
    made["{n} byte"].string = ("one", "{n} many")
    assert list(catalogue.wrong(made)) == []
    made["{n} byte"].string = ("one", "{bytes} many")
    assert len(list(catalogue.wrong(made))) == 1


def test_a_language_that_is_begun_is_not_offered_before_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = catalogue.read(catalogue.TEMPLATE)
    monkeypatch.setattr(catalogue, "template", lambda: template)  # found once more, it takes seconds
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    monkeypatch.setattr(catalogue, "TEMPLATE", tmp_path / "handin.pot")
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    assert "texts are left" in main([pseudo.NAME])
    assert words.languages() == ("en",)
    path = tmp_path / pseudo.NAME / "LC_MESSAGES" / "handin.po"
    path.write_bytes(catalogue.written(pseudo.made()))
    assert main([]) == ""
    assert words.languages() == ("en", pseudo.NAME)
    with speaking(pseudo.NAME):
        assert _("Not right yet.") == pseudo.pseudo("Not right yet.")
    assert "no language" in main(["xx_YY"])


def test_the_students_wheel_carries_every_language() -> None:
    _name, content = student_wheel()
    for path in SHIPPED:
        assert f"handin/locale/{path.parts[-3]}/LC_MESSAGES/handin.mo".encode() in content


def test_english_reads_no_catalogue_and_an_unknown_language_is_english() -> None:
    code = (
        "import sys, handin; from handin import answers, layers, page, quiz; from handin.words import _, speaking\n"
        "assert _('Not right yet.') and 'gettext' not in sys.modules\n"
        "with speaking('../de'): print(_('Not right yet.'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Not right yet.\n"


@pytest.mark.parametrize(
    ("n", "many"), [(0, True), (1, False), (1.0, False), (0.5, True), (1.5, True), (10**400, True)]
)
def test_a_number_takes_its_form(n: float, many: bool, tmp_path: Path) -> None:
    assert ngettext("{n} point", "{n} points", n) == ("{n} points" if many else "{n} point")
    with pseudo.installed(tmp_path) as language, speaking(language):
        assert ngettext("{n} point", "{n} points", n) == pseudo.pseudo("{n} points" if many else "{n} point")
