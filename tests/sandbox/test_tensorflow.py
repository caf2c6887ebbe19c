"""Models: handed over by one sandbox, opened in another."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox.predictor import predict
from autograder.types import Limits, Probe, Run
from tests.sandbox.jobs import A, answer, check, run, shown, value

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

LIMITS = Limits(cell_seconds=120, seconds=240, memory_mb=3000)
LOAD = "import keras\nfrom keras.datasets import mnist\n(x, y), _ = mnist.load_data()"
BUILD = (
    "m = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Conv2D(4, 3, strides=2),"
    " keras.layers.Flatten(), keras.layers.Dense(10)])\n"
    "m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n"
    "h = m.fit(x[..., None] / 255, y, epochs=2, verbose=0)\n"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pack")
    (root / "kernel" / "mnist").mkdir(parents=True)
    (root / "hidden").mkdir()
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (64, 28, 28), dtype="uint8"), rng.integers(0, 10, 64, dtype="uint8")
    np.savez(root / "kernel" / "mnist" / "mnist.npz", x_train=x, y_train=y, x_test=x[:9], y_test=y[:9])
    images = root / "hidden" / "images.npy"
    np.save(images, rng.random((300, 28, 28), dtype="float32"))
    images.chmod(0o600)  # readable to the grader alone
    return root


def hand_over(data: Path, *cells: str | tuple[str, str], cap: int | None = 100_000) -> Run:
    images = data / "hidden" / "images.npy"
    probe = Probe("m", "model", "v", images=images, images_digest="d", max_parameters=cap)
    return run(*cells, check("m", "m", "model"), A, probes=[probe, value("a")], limits=LIMITS,
               packs=(data / "kernel" / "mnist",))  # fmt: skip


@pytest.fixture(scope="module")
def trained(data: Path) -> Run:
    told = "print('WEIGHTS', float(sum(abs(w).sum() for w in m.get_weights())))"
    patched = "m.predict = lambda *a, **k: 1 / 0\nkeras.Model.predict = keras.Model.predict_on_batch = None"
    return hand_over(data, LOAD, BUILD, patched, told)


def test_a_model_is_predicted_in_the_second_sandbox(trained: Run) -> None:
    evidence = answer(trained, "m")
    assert evidence.status == "ok", evidence.detail
    assert isinstance(evidence.value, np.ndarray)
    assert evidence.value.shape == (300, 10)
    assert np.isfinite(evidence.value).all()
    assert evidence.facts["parameters"] == 4 * 9 + 4 + 13 * 13 * 4 * 10 + 10
    assert evidence.facts["input"] == "a channel axis was added"
    assert [layer["class"] for layer in evidence.facts["layers"]] == ["Conv2D", "Flatten", "Dense"]
    assert len(evidence.facts["history"]["loss"]) == 2


def test_the_file_is_kept_and_predicts_the_same_again(trained: Run, data: Path) -> None:
    evidence = answer(trained, "m")
    file = trained.artefacts[evidence.artefact]
    again = functools.partial(predict, images=data / "hidden" / "images.npy", limits=LIMITS)
    assert np.array_equal(again(file).predictions, evidence.value)  # type: ignore[arg-type]
    assert again(io.BytesIO(file).getvalue(), max_parameters=100).detail.startswith("parameters: 6810 > 100")


def test_a_lambda_model_is_refused_by_name(data: Path) -> None:
    source = (
        "m = keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Lambda(lambda x: x), keras.layers.Flatten()])"
    )
    done = hand_over(data, "import keras", source)
    assert (answer(done, "m").status, answer(done).value) == ("refused", 1)
    assert answer(done, "m").detail.startswith("layers: Lambda")
    assert not done.artefacts


def test_a_model_of_another_input_is_refused_and_says_what_it_takes(data: Path) -> None:
    source = "m = keras.Sequential([keras.layers.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])"
    done = hand_over(data, "import keras", source)
    assert answer(done, "m").detail.startswith("input: takes [None, 32, 32, 3]")


def test_what_is_no_model_is_unreadable_and_a_set_that_is_not_there_says_so(data: Path) -> None:
    done = hand_over(data, "m = 3\nimport tensorflow as tf\ntf.keras.datasets.fashion_mnist.load_data()")
    assert (answer(done, "m").status, answer(done, "m").detail) == ("unreadable", "not a Keras model")
    assert "is not part of this assignment" in shown(done)


def test_weights_with_a_link_out_are_refused(trained: Run, data: Path, tmp_path: Path) -> None:
    import zipfile

    old = zipfile.ZipFile(io.BytesIO(trained.artefacts["m.keras"]))
    made = _linked_weights()
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, old.read(name))
        archive.writestr("model.weights.h5", made)
    result = predict(new.getvalue(), data / "hidden" / "images.npy", LIMITS)
    assert (result.status, result.detail) == ("refused", "file: a link among its weights")


def _linked_weights() -> bytes:
    """An HDF5 file whose only member lies in another file, made by the kernel's Python: ours has no h5py on purpose."""
    import subprocess

    from autograder.sandbox.bubblewrap import kernel_env

    source = (
        "import h5py, sys, io; b = io.BytesIO(); f = h5py.File(b, 'w');"
        " f['layers'] = h5py.ExternalLink('/etc/passwd', '/x'); f.close(); sys.stdout.buffer.write(b.getvalue())"
    )
    python = kernel_env().folder / "bin" / "python"
    return subprocess.run([python, "-I", "-c", source], capture_output=True, check=True).stdout
