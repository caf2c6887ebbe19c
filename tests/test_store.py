from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import AutograderError
from autograder.files import replace_folder, write_atomic
from autograder.store import Store, report_from_json, report_to_json
from autograder.types import Evidence, Plain, Receipt, Remark, Report, Run, Verdict
from handin.wire import MAX_DEPTH, MAX_ITEMS

RUN = Run(
    "a/s/nb",
    evidence={
        "p": Evidence(
            "ok", value=np.arange(6, dtype=np.float32).reshape(2, 3), probe="x", facts={"history": {"loss": [1.0, 0.5]}}
        ),
        "f": Evidence("ok", calls=(Evidence("ok", value=(1, "two")), Evidence("raised", detail="ValueError"))),
    },
    notebook=b'{"cells": []}',
    remarks=(Remark("yours", "ours", 3),),
    artefacts={"p.keras": b"model"},
    tier="namespaces",
    seconds=2.0,
)

REPORT = Report(
    "a",
    "s",
    verdicts={
        "p": Verdict(0.5, "half", facts={"accuracy": 0.9, "bad": float("nan")}),
        "q": Verdict(None, "a person looks"),
    },
    points={"p": 4.0, "q": 2.0},
    titles={"p": "P", "q": "Q"},
    remarks=(Remark("a", "b"),),
    receipt=Receipt("0" * 64, "2026-01-01T00:00:00+00:00", ("p",)),
)


def test_a_run_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_run("a", "s", "nb", "key", RUN)
    found = store.get_run("a", "s", "nb", "key")
    assert found is not None
    assert np.array_equal(np.asarray(found.evidence["p"].value), np.asarray(RUN.evidence["p"].value))
    assert found.evidence["f"] == RUN.evidence["f"]
    assert (found.notebook, found.remarks, found.tier) == (RUN.notebook, RUN.remarks, RUN.tier)
    assert store.artefact("a", "s", "nb", "p.keras") == b"model"


def test_values_as_deep_and_as_many_as_a_student_may_hand_in_are_kept_together(tmp_path: Path) -> None:
    deep: Plain = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    many: Plain = [None] * (MAX_ITEMS - 1)
    evidence = {"deep": Evidence("ok", calls=(Evidence("ok", deep),)), "a": Evidence("ok", many),
                "b": Evidence("ok", many), "empty": Evidence("ok", np.zeros((0, 10**6)))}  # fmt: skip
    store = Store(tmp_path)
    store.put_run("a", "s", "nb", "key", replace(RUN, evidence=evidence))
    found = store.get_run("a", "s", "nb", "key")
    assert found is not None
    assert found.evidence["deep"] == evidence["deep"]
    assert found.evidence["b"].value == many
    assert np.shape(found.evidence["empty"].value) == (0, 10**6)  # type: ignore[arg-type]


def test_a_run_under_another_key_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_run("a", "s", "nb", "key", RUN)
    assert store.get_run("a", "s", "nb", "other") is None
    assert store.get_run("a", "s", "nb") is not None


def test_damaged_evidence_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_run("a", "s", "nb", "key", RUN)
    path = tmp_path / "records/runs/a/s/nb/evidence.bin"
    path.write_bytes(path.read_bytes()[:-3])
    assert store.get_run("a", "s", "nb", "key") is None


def test_a_new_run_replaces_the_old_one_and_leaves_no_litter(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_run("a", "s", "nb", "one", RUN)
    store.put_run("a", "s", "nb", "two", replace(RUN, artefacts={}))
    assert store.get_run("a", "s", "nb", "two") is not None
    assert [p.name for p in (tmp_path / "records/runs/a/s").iterdir()] == ["nb"]


def test_a_report_comes_back_from_json() -> None:
    found = report_from_json(report_to_json(REPORT))
    assert found.score == REPORT.score == 2.0
    assert found.waiting == ("q",)
    assert found.verdicts["p"].facts["bad"] is None  # NaN is no JSON
    assert (found.receipt, found.remarks, found.points) == (REPORT.receipt, REPORT.remarks, REPORT.points)


def test_the_clock_is_read_once_for_the_same_bytes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.receipt("a", "s", "f" * 64)
    assert store.receipt("a", "s", "f" * 64) == first
    assert store.receipt("a", "s", "e" * 64).sha256 == "e" * 64
    assert store.receipt("a", "s", "f" * 64) == first


def test_a_write_that_fails_leaves_the_old_bytes_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    write_atomic(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(AutograderError, match="run the same command again"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_damaged_report_is_as_if_it_were_not_there_and_a_list_of_them_names_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = tmp_path / "records" / "reports" / "sums"
    for content in (b"", b"{", b"[]", b"{}"):
        write_atomic(folder / "ada.json", content)
        assert store.report("sums", "ada") is None
        with pytest.raises(AutograderError, match="autograder grade sums --student ada"):
            list(store.reports("sums"))


def test_a_damaged_receipt_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "records" / "receipts" / "sums" / "ada.json"
    write_atomic(path, b"{")
    with pytest.raises(AutograderError, match="from a backup"):
        Store(tmp_path).receipt("sums", "ada", "0" * 64)
    assert path.read_bytes() == b"{"


def test_a_report_that_says_nothing_new_is_not_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_report(REPORT)
    path = tmp_path / "records/reports/a/s.json"
    before = path.stat()
    store.put_report(REPORT)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def _old(folder: Path) -> None:
    (folder / "a").write_bytes(b"old")


def test_a_folder_whose_making_fails_leaves_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    replace_folder(target, _old)

    def full(folder: Path) -> None:
        (folder / "a").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(AutograderError, match="run the same command again"):
        replace_folder(target, full)
    assert (target / "a").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_cannot_be_put_in_place_is_no_loss_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "run"
    replace_folder(target, _old)
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if self.name == "new":
            raise OSError(5, "Input/output error")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(AutograderError):
        replace_folder(target, lambda folder: None)
    assert (target / "a").read_bytes() == b"old"
