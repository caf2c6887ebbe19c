"""Keras on JAX or PyTorch, end to end: trained in one sandbox, predicted in another. `make test-backends` has JAX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.engines.runner import run_job
from autograder.errors import SandboxError
from autograder.sandbox import backends, bubblewrap, warm
from autograder.sandbox.start import INSIDE
from autograder.types import BACKENDS, Job, Limits, Probe, Resources, Run
from tests.sandbox.jobs import calls, check, notebook, value

LIMITS = Limits(cell_seconds=120, seconds=240, memory_mb=4000)
BUILD = """
import keras, numpy as np
from keras import layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
x = rng.random((512, 8, 8), dtype="float32")
y = (x[:, :4].mean((1, 2)) > x[:, 4:].mean((1, 2))).astype("int32")
m = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, padding="same", activation="relu"), layers.Flatten(),
                      layers.Dense(2, activation="softmax")])
m.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
h = m.fit(x[..., None], y, epochs=15, batch_size=32, verbose=0)
"""
OURS = "np.asarray(keras.ops.convert_to_numpy(m(np.linspace(0, 1, 3 * 64, dtype='float32').reshape(3, 8, 8, 1))))"
HUGE = "keras.ops.zeros((2**20, 2**20))"


@pytest.fixture(params=BACKENDS[1:])
def backend(request: pytest.FixtureRequest) -> str:
    try:
        backends.require(request.param)
    except SandboxError:
        pytest.skip(f"NOT TESTED, the kernel's environment has no {request.param}")
    return str(request.param)


def run(backend: str, images: Path, **more: Any) -> Run:
    np.save(images, np.linspace(0, 1, 3 * 64, dtype="float32").reshape(3, 8, 8))
    cells = (
        BUILD, check("backend", "keras.backend.backend()"), check("ours", OURS), check("m", "m", "model"),
        check("tensor", "keras.ops.ones((2, 3)) * 1.5"), "twice = lambda array: keras.ops.convert_to_tensor(array) * 2",
        check("twice", "twice", "function"), HUGE, check("end", "1"),
    )  # fmt: skip
    model = Probe("m", "model", "v", images=images, images_digest="d", max_parameters=10_000)
    probes = (value("backend"), value("ours"), model, value("tensor"), calls("twice", np.arange(3.0)), value("end"))
    job = Job(
        "a/ann/nb", notebook(cells), "ann", probes, limits=LIMITS, warm=True, resources=Resources(backend=backend)
    )
    done = run_job(replace(job, **more))
    assert done.lost is None, done.lost
    return done


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_a_network_learns_and_predicts(backend: str, tmp_path: Path) -> None:
    done = run(backend, tmp_path / "images.npy")
    evidence = done.evidence
    assert {name: found.status for name, found in evidence.items()} == dict.fromkeys(evidence, "ok")
    assert evidence["backend"].value == backend
    model = evidence["m"]
    assert np.allclose(model.value, evidence["ours"].value, atol=1e-5)  # type: ignore[arg-type]
    assert model.facts["history"]["accuracy"][-1] > 0.8
    assert [layer["class"] for layer in model.facts["layers"]] == ["Conv2D", "Flatten", "Dense"]
    assert model.facts["parameters"] == 4 * 9 + 4 + 256 * 2 + 2
    assert any(model.facts["layers"][0]["weights"][0]["sketch"])


@pytest.mark.kernel
@pytest.mark.tensorflow
def test_its_own_arrays_are_answers_and_what_had_no_memory_is_told(backend: str, tmp_path: Path) -> None:
    done = run(backend, tmp_path / "images.npy")
    assert np.array_equal(done.evidence["tensor"].value, np.full((2, 3), 1.5))  # type: ignore[arg-type]
    assert np.array_equal(done.evidence["twice"].calls[0].value, np.arange(3.0) * 2)  # type: ignore[arg-type]
    (remark,) = done.remarks
    assert "Your code asked for more memory (4 TB) in the cell that starts `keras.ops.zeros" in remark.student


@pytest.mark.parametrize("backend", BACKENDS)
def test_keras_is_told_what_it_would_not_take_by_itself(backend: str) -> None:
    assert backends.environment(backend) == ({} if backend == "tensorflow" else {"KERAS_BACKEND": backend})


def test_what_the_kernels_environment_does_not_have_is_said_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "kernel_env", lambda: bubblewrap.KernelEnv(tmp_path, ()))
    with pytest.raises(SandboxError, match=f"{tmp_path}/bin/python -m pip install jax"):
        backends.require("jax")
    lost = run_job(Job("a/ann/nb", notebook([]), "ann", (), resources=Resources(backend="jax")), practice=True).lost
    assert lost is not None
    assert "which the kernel's environment does not have" in lost
    (tmp_path / "lib/python3.11/site-packages/jax").mkdir(parents=True)
    (tmp_path / "lib/python3.11/site-packages/jax/__init__.py").touch()
    backends.require("jax")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_notebook_is_forked_only_from_what_has_imported_its_backend(backend: str) -> None:
    assert warm.kind("import keras", backend) == ("heavy" if backend == "tensorflow" else None)
    assert warm.kind("print(1)", backend) == "light"


def test_the_agent_and_the_predictor_name_no_library_that_a_backend_may_lack() -> None:
    for program in ("kernel.py", "predict.py", "describe.py"):
        assert "import tensorflow" not in (INSIDE / program).read_text()
