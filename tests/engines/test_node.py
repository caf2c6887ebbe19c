"""What a node refuses, and in which words. Needs no cluster: a node is whoever calls work()."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.engines import node
from autograder.errors import SandboxError
from autograder.types import Job, Probe, Run

JOB = Job("a/ann/nb", b"", "ann", ())
TERMS = node.Terms(node.our_code(), "here", {})


def work(job: Job, terms: node.Terms) -> Run:
    return node.work(job, job.files, terms, runs)


def runs(job: Job, practice: bool) -> Run:
    return Run(job.id, tier="ran")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without a kernel: named after nothing but the least tier."""

    def environment(practice: bool, least: str) -> str:
        if least == "bwrap-root":
            raise SandboxError(
                "The course asks for bwrap-root, and this machine ...: docs/security.md explains the tiers."
            )
        return "here"

    monkeypatch.setattr(node, "environment", environment)
    yield
    node._environment.cache_clear()
    node._require_data.cache_clear()


def test_what_agrees_is_run() -> None:
    assert work(JOB, TERMS).tier == "ran"


def test_another_version_of_the_grader_is_refused() -> None:
    lost = work(JOB, replace(TERMS, code="other")).lost
    assert lost and "another version of the grader" in lost and "docs/scaling.md" in lost


def test_another_environment_is_refused() -> None:
    lost = work(JOB, replace(TERMS, environment="there")).lost
    assert lost and "another environment" in lost and "the same .kernel" in lost


def test_less_confinement_than_the_course_asks_for_is_refused() -> None:
    lost = work(replace(JOB, tier="bwrap-root"), TERMS).lost
    assert lost and "asks for bwrap-root" in lost
    assert "asks for bwrap-root" in node.standing(TERMS.code, "bwrap-root", False).fault


def test_data_that_is_missing_or_differs_is_our_failure_until_it_is_there(tmp_path: Path) -> None:
    pack = tmp_path / "digits"
    pack.mkdir()
    (pack / "x.npy").write_bytes(b"1")
    images = tmp_path / "images.npy"
    images.write_bytes(b"2")
    job = replace(JOB, packs=(pack,), probes=(Probe("m", "model", "v", images=images),))
    terms = replace(TERMS, data={path: node.content_of(path) for path in node.read_from_disk(job)})
    assert list(terms.data) == [pack, images] and work(job, terms).lost is None
    node._require_data.cache_clear()  # another process
    (pack / "x.npy").write_bytes(b"3")
    lost = work(job, terms).lost
    assert lost and f"{pack} differs" in lost and "docs/scaling.md" in lost
    (pack / "x.npy").unlink()
    pack.rmdir()
    lost = work(job, terms).lost
    assert lost and f"{pack} is missing" in lost
    pack.mkdir()
    (pack / "x.npy").write_bytes(b"1")
    assert work(job, terms).lost is None


def test_data_that_the_driver_has_not_either_are_missing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    lost = work(replace(JOB, packs=(gone,)), replace(TERMS, data={gone: node.content_of(gone)})).lost
    assert lost and f"{gone} is missing" in lost
