from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import NotebookError
from autograder.ipynb import read, write


def raw(**content: Any) -> bytes:
    return json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **content}).encode()


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def test_a_sound_notebook_is_read_as_it_stands() -> None:
    notebook = read(raw(cells=[code("a = 1", id="one")], metadata={"authors": [{"name": "A"}]}))
    assert notebook["cells"][0] == code("a = 1", id="one")
    assert notebook["metadata"] == {"authors": [{"name": "A"}]}
    nbformat.validate(nbformat.from_dict(notebook))


def test_source_in_lines_is_joined() -> None:
    assert read(raw(cells=[code(["a = 1\n", "b = 2"])]))["cells"][0]["source"] == "a = 1\nb = 2"


def test_outputs_are_kept_and_joined() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["3"]}, "metadata": {}, "execution_count": 1},
        {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["line"]},
        "nonsense",
    ]
    found = read(raw(cells=[code("", outputs=outputs)]))["cells"][0]["outputs"]
    assert [o.get("text", o.get("data", o.get("ename"))) for o in found] == ["1\n2\n", {"text/plain": "3"}, "E"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"PK\x03\x04\xff\xfe", "not a notebook"),
        (b'{"cells": [', "not a notebook"),
        (b"[1, 2]", "no notebook"),
        (b'"text"', "no notebook"),
        (b"{}", "no list of cells"),
        (raw(cells={"a": 1}), "no list of cells"),
        (raw(nbformat=5), "unknown"),
        (raw(nbformat="four"), "unknown"),
        (raw(nbformat=True), "unknown"),
        (b'{"cells": ' + b"9" * 5000 + b"}", "not a notebook"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(content: bytes, says: str) -> None:
    with pytest.raises(NotebookError, match=says):
        read(content)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_json_is_refused_before_it_is_parsed(opening: bytes) -> None:
    with pytest.raises(NotebookError, match="deep"):
        read(opening * 100_000)


def test_brackets_inside_strings_are_not_depth() -> None:
    assert read(raw(cells=[code("[" * 1000 + '"\\')]))["cells"][0]["source"] == "[" * 1000 + '"\\'


def test_a_string_without_an_end_is_refused_quickly() -> None:
    with pytest.raises(NotebookError):
        read(b'{"cells": "' + b'\\"' * 2_000_000)


def test_a_notebook_that_is_too_large_says_how_to_shrink_it() -> None:
    with pytest.raises(NotebookError, match=r"larger than 20 MB. Clear its outputs"):
        read(b" " * (20 * 2**20 + 1))


def test_an_older_notebook_is_converted_the_same_way_each_time() -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {
                "metadata": {},
                "cells": [
                    {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Title"]},
                    {"cell_type": "code", "language": "python", "metadata": {}, "input": ["a = 1"], "outputs": []},
                ],
            }
        ],
    }
    content = json.dumps(old).encode()
    assert [cell["source"] for cell in read(content)["cells"]] == ["## Title", "a = 1"]
    assert read(content) == read(content)


def test_a_damaged_older_notebook_is_refused() -> None:
    with pytest.raises(NotebookError, match="old notebook format"):
        read(b'{"nbformat": 3, "worksheets": 7}')


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b"\xef\xbb\xbf" + raw(cells=[code("é")]))["cells"][0]["source"] == "é"
    assert read(raw(cells=[code("é")]).decode().encode("utf-16"))["cells"][0]["source"] == "é"


def test_of_duplicate_keys_the_last_counts() -> None:
    assert read(b'{"cells": 1, "cells": [], "nbformat": 4}')["cells"] == []


def test_missing_and_mistyped_fields_get_their_defaults() -> None:
    notebook = read(b'{"cells": [{}, 3, null, {"cell_type": "code", "source": 7, "outputs": 1, "metadata": []}]}')
    assert notebook["cells"] == [
        {"cell_type": "raw", "metadata": {}, "source": ""},
        {"cell_type": "code", "metadata": {}, "source": "", "execution_count": None, "outputs": []},
    ]


def test_half_a_surrogate_pair_becomes_encodable_text() -> None:
    notebook = read(b'{"cells": [{"cell_type": "code", "source": "\\ud800", "metadata": {"\\udfff": ["\\ud800"]}}]}')
    json.dumps(notebook, ensure_ascii=False).encode("utf-8")


def test_not_a_number_becomes_nothing() -> None:
    assert read(b'{"cells": [], "metadata": {"a": NaN, "b": -Infinity}}')["metadata"] == {"a": None, "b": None}


def test_what_is_written_reads_back() -> None:
    notebook = read(raw(cells=[code("é", id="x")]))
    assert read(write(notebook)) == notebook


JSON = st.sampled_from(
    [
        None,
        True,
        7,
        -1.5,
        "",
        "text",
        "code",
        "markdown",
        "raw",
        "a b",
        [],
        ["a\n", "b"],
        [3, "c"],
        {},
        {"image/png": ["x"]},
        {"a.png": {"image/png": "x"}},
        [{"output_type": "stream", "text": 3}, {"output_type": "error"}, {"data": {"text/plain": 1}}, 4],
    ]
)
CELL = st.dictionaries(
    st.sampled_from(["cell_type", "source", "metadata", "outputs", "id", "attachments", "execution_count"]), JSON
)
NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "cells": JSON | st.lists(CELL, max_size=3),
        "metadata": JSON,
        "nbformat": st.integers(0, 6) | JSON,
        "worksheets": JSON | st.lists(st.fixed_dictionaries({"cells": st.lists(CELL, max_size=3)}), max_size=2),
    },
)


@given(NOTEBOOK)
def test_whatever_json_holds_it_is_a_valid_notebook_or_refused(content: dict[str, Any]) -> None:
    try:
        notebook = read(json.dumps(content).encode())
    except NotebookError:
        return
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c{number}"
        cell["metadata"] = {}
    nbformat.validate(nbformat.from_dict({**notebook, "metadata": {}}))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_words(content: bytes) -> None:
    with pytest.raises(NotebookError):
        read(content)
