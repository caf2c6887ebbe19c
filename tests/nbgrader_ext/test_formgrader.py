from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograder.nbgrader_ext.formgrader import inert_cell, inert_markdown, inert_output
from tests.nbgrader_ext.school import School

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()


def render(school: School, student: str) -> str:
    """Render the page as the formgrader's SubmissionHandler does, by the exporter that its server extension makes."""
    extension = FormgradeExtension()
    extension.load_cwd_config = False
    extension.root_dir = str(school.root)
    extension.initialize([], root=str(school.root))
    with school.book() as gradebook:
        submission = gradebook.find_submission_notebook("sums", "sums", student)
        resources = {
            "assignment_id": "sums", "notebook_id": "sums", "submission_id": submission.id, "index": 0, "total": 1,
            "base_url": "", "student": student, "last_name": None, "first_name": None, "notebook_path": "",
        }  # fmt: skip
    path = school.root / "autograded" / student / "sums" / "sums.ipynb"
    html, _ = HTMLExporter(config=extension.config).from_filename(str(path), resources=resources)
    return str(html)


def hostile(school: School, student: str) -> str:
    """Put everything a student's code could put out into the executed notebook, and render it."""
    school.grade(student)
    path = school.root / "autograded" / student / "sums" / "sums.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_bytes())
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    bundle = {
        "text/html": evil, "image/svg+xml": f"<svg>{evil}</svg>", "application/javascript": "alert(3)",
        "text/markdown": evil, "text/latex": evil, "text/plain": evil,
    }  # fmt: skip
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": evil},
        {"output_type": "display_data", "metadata": {"text/html": {"isolated": True}}, "data": bundle},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": evil}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": f'{PNG}"{evil}'}},
        {"output_type": "error", "ename": evil, "evalue": evil, "traceback": [evil]},
    ]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = outputs
            cell["metadata"]["tags"] = ['"><script>alert(4)</script>']
    prose = (
        f"# Title\n\n{evil}\n\n[click](javascript:alert(5)) ![p](attachment:none.png)\n\n```mermaid\n{evil}\n```\n$x<y$"
    )
    notebook["cells"].append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": prose})
    notebook["cells"].append({"cell_type": "raw", "id": "r", "metadata": {"raw_mimetype": "text/html"}, "source": evil})
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"a": evil}}
    path.write_text(json.dumps(notebook))
    return render(school, student)


@pytest.mark.nbgrader
def test_each_exercise_shows_its_verdict_and_has_a_box_for_points_and_one_for_words(school: School) -> None:
    school.hand_in("ada", off=1, why="Because it is.")
    school.grade("ada")
    page = render(school, "ada")
    for name in ("double", "seven", "why"):
        assert f'id="{name}-comment"' in page and f'id="{name}"' in page and f"exercise-{name}" in page
        assert page.index(f'id="{name}-comment"') < page.index(f"exercise-{name}")
    assert school.report("ada").verdicts["double"].message.split(".")[0] in page
    assert "Grade by hand." in page  # the note for staff


@pytest.mark.nbgrader
def test_each_box_for_words_has_a_row_to_keep_them(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    with school.book() as gradebook:
        comments = gradebook.find_submission_notebook("sums", "sums", "ada").comments
        assert {"double", "seven", "why"} <= {comment.to_dict()["name"] for comment in comments}


@pytest.mark.nbgrader
def test_nothing_a_student_put_out_is_live(school: School) -> None:
    school.hand_in("ada")
    page = hostile(school, "ada")
    for live in (
        "<script>alert",
        "<img src=x",
        'src="x"',
        "<svg>",
        "javascript:alert",
        "<iframe",
        "widget-state",
        "alert(3)",
    ):
        assert live not in page, live
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.nbgrader
def test_the_file_on_disk_stays_as_it_was(school: School) -> None:
    school.hand_in("ada")
    school.grade("ada")
    path = school.root / "autograded" / "ada" / "sums" / "sums.ipynb"
    before = path.read_bytes()
    render(school, "ada")
    assert path.read_bytes() == before


@pytest.mark.nbgrader
def test_without_verdicts_the_page_still_opens(school: School) -> None:
    import shutil

    school.hand_in("ada")
    school.grade("ada")
    shutil.rmtree(school.root / "records" / "reports")
    assert 'id="double-comment"' in render(school, "ada")


def test_a_picture_is_shown_if_it_is_one() -> None:
    shown = inert_output({"output_type": "display_data", "data": {"image/png": PNG, "text/plain": "<Figure>"}})
    assert shown["data"] == {"image/png": PNG}


@pytest.mark.parametrize("fake", ["", "not base64!", base64.b64encode(b"<svg/>").decode(), 7, None])
def test_what_only_says_that_it_is_a_picture_is_not_shown(fake: object) -> None:
    shown = inert_output({"output_type": "display_data", "data": {"image/png": fake, "text/plain": "text"}})
    assert shown["data"] == {"text/plain": "text"}


def test_a_question_is_shown_as_it_was_asked() -> None:
    data = {"text/markdown": "**How many?**", "text/plain": "<IPython.core.display.Markdown object>"}
    assert inert_output({"output_type": "display_data", "data": data})["data"] == {"text/markdown": "**How many?**"}


def test_what_has_no_text_is_named() -> None:
    shown = inert_output({"output_type": "display_data", "data": {"text/html": "<b>"}})
    assert shown["data"] == {"text/plain": "(output not shown: text/html)"}


def test_an_id_that_is_none_is_dropped() -> None:
    about = {"grade_id": '"><script>', "grade": True, "points": 1}
    assert (
        inert_cell({"cell_type": "code", "source": "", "metadata": {"nbgrader": about}, "outputs": []}, 0)["metadata"]
        == {}
    )


def test_a_cell_is_a_valid_cell_afterwards() -> None:
    cells = [
        inert_cell({"cell_type": kind, "source": "a\nb", "metadata": {}}, n)
        for n, kind in enumerate(("code", "raw", "x"))
    ]
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    nbformat.validate(nbformat.from_dict(made))


def test_markdown_keeps_its_shape_and_loses_its_html() -> None:
    html = inert_markdown("# A\n\n*b* <script>c</script> [d](javascript:e)")
    assert "<em>b</em>" in html and "<script>" not in html and "javascript:" not in html


def test_the_seams_are_importable(tmp_path: Path) -> None:
    from traitlets.config import Config
    from traitlets.utils.importstring import import_item

    from autograder.nbgrader_ext import configure

    c = Config()
    configure(c, tmp_path / "nbgrader_config.py")
    names = [
        *c.GenerateAssignment.preprocessors, c.Autograde.exporter_class, *c.Autograde.sanitize_preprocessors,
        *c.Autograde.autograde_preprocessors, c.GenerateFeedback.exporter_class, *c.HTMLExporter.preprocessors,
        c.HTMLExporter.filters["markdown2html"], c.ExportApp.plugin_class,
    ]  # fmt: skip
    assert all(callable(import_item(name)) for name in names)
