"""Every tier that an ordinary user can have keeps student code in, the one without namespaces, too."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox import anybody

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.geteuid() != 0, reason="NOT TRIED: only root can become somebody else"),
]


@pytest.fixture(scope="module", params=["bwrap-user", "landlock"])
def found(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What came of tests/sandbox/ordinary.py in a tier."""
    with tempfile.TemporaryDirectory(prefix="ag-user-") as place:
        Path(place).chmod(0o777)
        nobody = 1_000_000_000 + os.getpid()  # of this test alone: what is left can be told from what was there
        said = anybody.run("tests.sandbox.ordinary", request.param, place=Path(place), user=nobody)
    result: dict[str, Any] = json.loads(said.splitlines()[-1])
    return result | {"wanted": request.param}


def test_the_tier_is_the_one_that_was_asked_for(found: dict[str, Any]) -> None:
    assert found["tier"] == found["wanted"]


def test_nothing_of_the_graders_can_be_reached(found: dict[str, Any]) -> None:
    """With the same user id, and in one tier on the same file system: all that keeps them apart is the wall."""
    reached = found["reached"]
    harmless = {"listen"} if found["tier"] == "bwrap-user" else set()  # a loopback of its own
    errors = {"PermissionError", "FileNotFoundError", "ProcessLookupError", "ConnectionRefusedError"}
    # unshare() that is refused returns -1.
    assert {name for name, said in reached.items() if said not in errors} == {"nest", *harmless}
    assert reached["nest"] == "-1.0"


def test_a_file_of_the_graders_keeps_its_mode_and_its_times(found: dict[str, Any]) -> None:
    assert (found["mode"], found["touched"]) == ("0o600", False)


@pytest.mark.parametrize(("job", "after"), [("crash", "crashed"), ("daemon", "ok"), ("disk", "disk"), ("honest", "ok")])
def test_answers_that_were_given_are_kept_whatever_comes_after(found: dict[str, Any], job: str, after: str) -> None:
    if (job, found["tier"]) == ("disk", "bwrap-user"):
        after = "ok"  # a small disk of its own is full, and says so
    assert found["statuses"][job] == ["ok", after]


def test_memory_is_bounded(found: dict[str, Any]) -> None:
    """What comes between two looks of the watchdog is refused, and the notebook goes on; else it is stopped."""
    (remark,) = found["remarks"]["memory"]
    ends = {
        "Your code used more than 300 MB of memory in the cell": ["ok", "memory"],
        "Your code asked for more memory than the 300 MB it may use in the cell": ["ok", "ok"],
    }
    assert [statuses for words, statuses in ends.items() if words in remark] == [found["statuses"]["memory"]]


def test_a_full_disk_is_told(found: dict[str, Any]) -> None:
    words = {"bwrap-user": "filled its disk: it may write 32 MB", "landlock": "wrote more than 32 MB on its disk"}
    assert words[found["tier"]] in found["remarks"]["disk"][0]


def test_honest_work_goes_on(found: dict[str, Any]) -> None:
    assert found["told"] == ["echoed", "3"]
    assert found["remarks"]["honest"] == []


def test_no_process_and_no_folder_is_left(found: dict[str, Any]) -> None:
    assert (found["left"], found["folders"]) == ([], [])


@pytest.mark.tensorflow
def test_where_bwrap_is_missing_the_next_tier_is_found_and_a_network_learns_in_it() -> None:
    with tempfile.TemporaryDirectory(prefix="ag-user-") as place:
        Path(place).chmod(0o777)
        said = anybody.run("tests.sandbox.ordinary_training", place=Path(place), user=65534, tensorflow=True)
    assert json.loads(said.splitlines()[-1]) == {
        "tier": "landlock", "said": {"a": "ok", "m": "ok", "b": "ok"}, "shape": [20, 10], "remarks": [],
    }  # fmt: skip
