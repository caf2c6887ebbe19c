"""The quiz form in JupyterLab and Notebook 7, as students use it: no kernel, an untrusted notebook, full windowing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.forms import words
from handin.questions import Question
from tests.browser import NEEDED, violations
from tests.form.conftest import USER, Server, at_last, code, command, form, pick, save, source
from tests.form.notebooks import BLANK, QUESTIONS, WORK, answers, quiz
from tests.form.notebooks import code as cell

pytestmark = NEEDED
ANSWERED = {
    "one": f'one = "pool"  # the id\n{WORK}',
    "many": f'many = ["pool", "stride"]\n{WORK}',
    "steps": f'steps = ["stride", "first", "relu", "pool"]\n{WORK}',
    "pairs": BLANK["pairs"].replace('"stride": "..."', '"stride": "small"').replace('"pool": "..."', '"pool": "large"'),
    "memory": f'memory = "12.5 MB"  # such as "0.081 MB"\n{WORK}',
    "total": f"total = 903400\n{WORK}",
    "shape": f"shape = (28, 28, 1)  # (height, width, channels)\n{WORK}",
    "words": f'words = "say \\"no\\"\\nto zeros"\n{WORK}',
}


def in_order(exercise: str, user: str) -> list[str]:
    """Return the ids of the options as ask() shows them to this student."""
    about = QUESTIONS["exercises"][exercise]
    order = f"{QUESTIONS['salt']}/{exercise}/{user}"
    return list(Question(exercise, "", 1, about["kind"], about["form"], "", {}, "", user, False, order).options)


def picked(page: Any, exercise: str) -> list[str]:
    return [box.get_attribute("value") for box in form(page, exercise).locator(":checked").all()]


def shot(page: Any, shots: Path, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=str(shots / f"{name}.png"))


def test_each_kind_is_answered_with_the_keyboard_alone_saved_and_shown_again(lab: Server, shots: Path) -> None:
    page = lab.quiz()
    keys = page.keyboard
    options = in_order("one", USER)
    form(page, "one").locator("input").first.focus()
    for _ in range(options.index("pool")):
        keys.press("ArrowDown")
    if options[0] == "pool":
        keys.press("Space")

    form(page, "many").locator("input").first.focus()
    for option in in_order("many", USER):
        if option in ("pool", "stride"):
            keys.press("Space")
        keys.press("Tab")

    wanted = ["stride", "first", "relu", "pool"]
    now = in_order("steps", USER)
    for place, option in enumerate(wanted):
        form(page, "steps").locator("li").nth(now.index(option)).locator("button").first.focus()
        for _ in range(now.index(option) - place):
            keys.press("ArrowUp")
        now.insert(place, now.pop(now.index(option)))
    if now == in_order("steps", USER):
        keys.press("Tab")

    form(page, "pairs").locator("select").first.focus()
    for option in in_order("pairs", USER):
        keys.type({"stride": "a small", "pool": "a large"}.get(option, ""))
        keys.press("Tab")

    form(page, "memory").locator("input").focus()
    keys.type("12.5")
    keys.press("Tab")
    keys.type("MB")
    form(page, "total").locator("input").focus()
    keys.type("903400")
    form(page, "shape").locator("input").first.focus()
    for side in ("28", "28", "1"):
        keys.type(side)
        keys.press("Tab")
    form(page, "words").locator("textarea").focus()
    keys.type('say "no"')
    keys.press("Enter")
    keys.type("to zeros")
    save(page)  # Ctrl+S goes through from within a field
    shot(page, shots, "answered")
    saved = answers(lab.root / "quiz.ipynb")
    saved["many"] = saved["many"].replace('"stride", "pool"', '"pool", "stride"')
    assert saved == ANSWERED

    page.close()
    page = lab.open("quiz.ipynb")
    assert picked(page, "one") == ["pool"]
    assert sorted(picked(page, "many")) == ["pool", "stride"]
    values = [box.input_value() for box in form(page, "pairs").locator("select").all()]
    assert sorted(values) == ["", "", "large", "small"]
    assert form(page, "memory").locator("input").input_value() == "12.5"
    assert form(page, "memory").locator("select").input_value() == "MB"
    assert form(page, "total").locator("input").input_value() == "903400"
    assert [box.input_value() for box in form(page, "shape").locator("input").all()] == ["28", "28", "1"]
    assert form(page, "words").locator("textarea").input_value() == 'say "no"\nto zeros'


def test_keys_of_the_notebooks_command_mode_do_nothing_in_a_form(lab: Server) -> None:
    page = lab.quiz(exercises=["one", "pairs"])
    before = page.locator(".jp-Notebook .jp-Cell").count()
    for box in (form(page, "one").locator("input").first, form(page, "pairs").locator("select").first):
        box.focus()
        for key in ("d", "d", "a", "b", "x", "m", "z"):
            page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == before
    assert page.locator(".handin-form").count() == 2
    page.keyboard.press("Shift+Enter")  # runs the cell, and goes to the next one
    page.wait_for_function("!document.activeElement.closest('.handin-form')")


def test_undo_takes_one_answer_back_in_the_form_and_in_the_cell(lab: Server) -> None:
    page = lab.quiz(exercises=["one", "many", "total"])
    first, second = in_order("one", USER)[:2]
    boxes = form(page, "one").locator("input")
    boxes.nth(0).click()
    boxes.nth(1).click()
    assert picked(page, "one") == [second]
    page.keyboard.press("Control+z")
    assert (picked(page, "one"), source(page, "one")) == ([first], f'one = "{first}"  # the id\n{WORK}')
    page.keyboard.press("Control+z")
    assert (picked(page, "one"), source(page, "one")) == ([], BLANK["one"])
    page.keyboard.press("Control+Shift+z")
    assert picked(page, "one") == [first]
    code(page, "one").click()
    page.keyboard.press("Control+z")
    assert (picked(page, "one"), source(page, "one")) == ([], BLANK["one"])

    form(page, "total").locator("input").click()
    page.keyboard.type("12")
    page.keyboard.press("Control+z")
    assert (form(page, "total").locator("input").input_value(), source(page, "total")) == ("", BLANK["total"])


def test_the_form_follows_what_is_written_into_the_cell(lab: Server) -> None:
    page = lab.quiz(exercises=["one", "steps", "memory"])
    code(page, "one").fill('one = "STRIDE"  # mine')
    assert picked(page, "one") == ["stride"]
    code(page, "one").fill('one = "strid"')
    assert picked(page, "one") == []
    assert "strid" in form(page, "one").get_by_role("status").inner_text()
    code(page, "one").fill("")
    form(page, "one").locator("input").first.click()
    assert source(page, "one").startswith('one = "')

    code(page, "steps").fill('steps = ["pool", "relu"]')
    assert form(page, "steps").locator("li").first.get_by_role("img").count() == 1
    form(page, "steps").get_by_text("This is my order").click()
    assert source(page, "steps").startswith('steps = ["pool", "relu", "')
    assert form(page, "steps").get_by_text("This is my order").is_hidden()

    code(page, "memory").fill('memory = "3 MiB"')
    assert form(page, "memory").locator("select").input_value() == "MiB"


def test_a_cell_that_computes_is_left_alone_unless_the_student_says_so(lab: Server, shots: Path) -> None:
    page = lab.quiz(exercises=["total", "one"], total="side = 3\ntotal = side * 4")
    assert "something of your own" in form(page, "total").get_by_role("status").inner_text()
    assert form(page, "total").locator("input").is_hidden()
    shot(page, shots, "computed")
    form(page, "total").get_by_role("button").click()
    assert source(page, "total") == "# side = 3\n# total = side * 4\ntotal = ..."
    page.keyboard.type("12")
    assert source(page, "total") == "# side = 3\n# total = side * 4\ntotal = 12"
    code(page, "total").click()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert source(page, "total") == "side = 3\ntotal = side * 4"


def test_two_tabs_write_nothing_by_themselves_and_meet_again_at_the_file(lab: Server) -> None:
    page = lab.quiz(exercises=["one", "total"], total="total = 3")
    other = lab.open("quiz.ipynb", page.context.new_page())
    assert answers(lab.root / "quiz.ipynb") == {"one": BLANK["one"], "total": "total = 3"}
    form(page, "one").locator("input").first.click()
    save(page)
    other.wait_for_timeout(500)
    assert picked(other, "one") == []
    command(other, "docmanager:reload")
    dialog = other.locator(".jp-Dialog .jp-mod-accept")
    if dialog.count():
        dialog.click()
    form(other, "one").locator(":checked").wait_for()
    assert picked(other, "one") == [in_order("one", USER)[0]]


def test_two_views_of_one_notebook_show_the_same(lab: Server) -> None:
    page = lab.quiz(exercises=["many"], app="lab/tree")
    command(page, "docmanager:clone")
    page.locator(".handin-form").nth(1).wait_for()
    boxes = [page.locator(".handin-form").nth(view).locator("input") for view in (0, 1)]
    boxes[0].nth(2).check()
    assert boxes[1].nth(2).is_checked()
    boxes[1].nth(0).check()
    assert boxes[0].nth(0).is_checked()


def test_notebook_7_has_the_form_too(lab: Server, shots: Path) -> None:
    page = lab.quiz(exercises=["one", "memory"], app="notebooks")
    form(page, "one").locator("input").nth(1).click()
    form(page, "memory").locator("input").fill("2")
    form(page, "memory").locator("select").select_option("GiB")
    save(page)
    shot(page, shots, "notebook7")
    saved = answers(lab.root / "quiz.ipynb")
    assert saved["one"] == f'one = "{in_order("one", USER)[1]}"  # the id\n{WORK}'
    assert saved["memory"] == f'memory = "2 GiB"  # such as "0.081 MB"\n{WORK}'


def test_options_stand_in_the_order_of_ask_for_who_the_notebook_says(lab: Server) -> None:
    page = lab.quiz(exercises=["one"], me="  bruno ")
    values = form(page, "one").locator("input")
    assert values.evaluate_all("all => all.map(one => one.value)") == in_order("one", "bruno")
    assert in_order("one", "bruno") != in_order("one", USER)
    page.locator(".cm-content").first.fill('me = ""')
    page.wait_for_timeout(300)
    assert values.evaluate_all("all => all.map(one => one.value)") == in_order("one", USER)


def test_options_are_markdown_and_nothing_in_them_runs(lab: Server) -> None:
    content = quiz(exercises=["one"])
    about = content["cells"][2]["metadata"]["handin"]
    attack = "<img src=x onerror='window.canary=1'><script>window.canary=1</script>[go](javascript:window.canary=1)"
    about["options"].append({"id": "attack", "text": attack})
    about["title"] = "<img src=x onerror='window.canary=1'>"
    lab.put("attack.ipynb", content)
    page = lab.open("attack.ipynb")
    drawn = page.locator(".handin-form")
    drawn.locator("label mjx-container").wait_for()
    assert drawn.locator("label strong").inner_text() == "positive"
    assert drawn.locator("label img[alt='a red square']").evaluate("image => image.naturalWidth") == 16
    assert drawn.locator("legend").inner_text() == about["title"]
    assert drawn.locator("[onerror], script, [href^=javascript]").count() == 0
    assert page.evaluate("window.canary") is None


def test_a_long_notebook_keeps_its_forms_while_cells_come_and_go(lab: Server) -> None:
    content = quiz(exercises=["one", "many"])
    text = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# Part {n}\n\n" + "Words. " * 200} for n in range(114)
    ]
    cells = content["cells"][:3] + text + content["cells"][3:]
    content["cells"] = [{**one, "id": f"cell-{number}"} for number, one in enumerate(cells)]
    lab.put("long.ipynb", content)
    page = lab.open("long.ipynb")
    pick(page, "one", 0)
    pick(page, "many", 0)
    pick(page, "one", 1)
    command(page, "notebook:move-cell-down")
    page.wait_for_timeout(300)
    assert picked(page, "one") == [in_order("one", USER)[1]]
    command(page, "notebook:copy-cell")
    command(page, "notebook:paste-cell-below")
    copies = page.locator(".handin-form", has=page.get_by_text("One of several", exact=True))
    copies.nth(1).wait_for()
    at_last(lambda: copies.nth(1).locator("input").first.check(timeout=5000))
    assert copies.nth(0).locator(":checked").get_attribute("value") == in_order("one", USER)[1]
    command(page, "notebook:delete-cell")
    assert copies.count() == 1
    pick(page, "many", 1)
    save(page)
    assert answers(lab.root / "long.ipynb")["many"].count('"') == 4


def test_odd_metadata_draws_nothing_and_breaks_nothing(lab: Server) -> None:
    content = quiz(exercises=["one", "total"])
    odd: list[Any] = [5, "form", [], {"kind": "choice"}, {"kind": "hologram", "title": "?"}, {"kind": "toString"}]
    content["cells"] += [
        {**cell("x = 1"), "metadata": {"handin": about}, "id": f"odd-{n}"} for n, about in enumerate(odd)
    ]
    lab.put("odd.ipynb", content)
    page = lab.open("odd.ipynb")
    form(page, "total").locator("input").fill("7")
    assert source(page, "total") == f"total = 7\n{WORK}"
    assert page.locator(".handin-form").count() == 2
    assert [word for word in lab.said if "was not drawn" not in word] == []
    lab.said.clear()


def test_staffs_own_notebook_and_locked_cells_are_not_written(lab: Server) -> None:
    solution = "one = ''\n### BEGIN SOLUTION\none = 'pool'\n### END SOLUTION"
    content = quiz(exercises=["one", "total"], one=solution)
    content["cells"][5]["metadata"]["editable"] = False
    lab.put("staff.ipynb", content)
    page = lab.open("staff.ipynb")
    form(page, "total").locator("input").wait_for()
    assert form(page, "total").locator("input").is_disabled()
    assert page.locator(".handin-form").first.is_hidden()


DARK = "JupyterLab Dark"
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"theme": DARK},
    "zoom-200": {"viewport": (640, 1500)},  # what a window of 1280 pixels holds then
    "narrow-320": {"viewport": (320, 2400), "app": "notebooks"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_no_form_is_wider_than_the_window(lab: Server, shots: Path, look: str) -> None:
    about = LOOKS[look]
    theme, app = about.get("theme", "JupyterLab Light"), about.get("app", "doc/tree")
    page = lab.page(about.get("viewport", (1100, 2400)))
    lab.quiz(page=page, app=app, total="total = 3 * 4", many='many = ["nothing"]')
    command(page, "apputils:change-theme", theme=theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    for exercise in BLANK:
        form(page, exercise)
    form(page, "one").locator("mjx-container").wait_for()
    shot(page, shots, look)
    assert violations(page, ".handin-form") == []
    wide = page.locator(".handin-form").evaluate_all(
        "all => all.flatMap(form => [form, ...form.querySelectorAll('*')])"
        ".filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)"
        ".map(one => one.outerHTML.slice(0, 100))"
    )
    assert wide == []


def test_the_form_speaks_the_language_of_the_course(lab: Server, shots: Path) -> None:
    made = quiz()
    made["metadata"] = {**made["metadata"], "handin": words({"language": "de"})}
    lab.put("deutsch.ipynb", made)
    page = lab.open("deutsch.ipynb")
    page.locator(".handin-form").first.wait_for()
    assert form(page, "one").get_by_text("Wähle eine Möglichkeit.").count() == 1
    assert form(page, "one").evaluate("form => form.lang") == "de"
    form(page, "steps").get_by_role("button", name="Nach unten").first.click()
    assert form(page, "steps").get_by_text("Jetzt Nummer 2 von 4.").count() == 1
    shot(page, shots, "german")
    assert lab.said == []


def test_right_to_left_options_stand_right_to_left(lab: Server) -> None:
    page = lab.quiz(exercises=["one", "steps"])
    look = "all => all.map(one => getComputedStyle(one)).map(style => [style.direction, style.textAlign])"
    for exercise in ("one", "steps"):
        expected = [["rtl" if option == "first" else "ltr", "start"] for option in in_order(exercise, USER)]
        assert form(page, exercise).locator(".handin-text p").evaluate_all(look) == expected


def test_a_screen_reader_hears_a_name_for_each_thing(lab: Server) -> None:
    page = lab.quiz()
    group = form(page, "one").get_by_role("group", name="One of several")
    assert group.get_by_role("radio", name="Steps of 2").count() == 1
    assert group.get_by_role("radio", name="It looks like a red square").count() == 1
    assert form(page, "many").get_by_role("checkbox", name="Steps of 2").count() == 1
    mover = (
        form(page, "steps").get_by_role("listitem").filter(has_text="Steps of").get_by_role("button", name="Move up")
    )
    described = mover.evaluate("one => document.getElementById(one.getAttribute('aria-describedby')).innerText.trim()")
    assert described == "Steps of 2"
    mover.press("ArrowDown" if in_order("steps", USER)[0] == "stride" else "ArrowUp")
    assert "Now number" in form(page, "steps").get_by_role("status").first.inner_text()
    assert form(page, "pairs").get_by_role("combobox", name="Steps of 2").count() == 1
    assert form(page, "memory").get_by_role("textbox", name="Your answer").count() == 1
    assert form(page, "memory").get_by_role("combobox", name="Unit").count() == 1
    assert form(page, "shape").get_by_role("textbox", name="width").count() == 1
    assert form(page, "words").get_by_role("textbox", name="Your answer").count() == 1
