"""Models: handed over by one sandbox, opened in another."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox.bubblewrap import kernel_env
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


def hand_over(data: Path, *cells: str | tuple[str, str], models: str = "m") -> Run:
    """Run cells, then hand in the models, each called as its exercise, and after them a value."""
    images = data / "hidden" / "images.npy"
    probes = [Probe(m, "model", "v", images=images, images_digest="d", max_parameters=100_000) for m in models]
    checks = [check(m, m, "model") for m in models]
    return run(*cells, *checks, A, probes=[*probes, value("a")], limits=LIMITS, packs=(data / "kernel" / "mnist",))


def asked(data: Path) -> Probe:
    return Probe("m", "model", "v", images=data / "hidden" / "images.npy")


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
    assert np.array_equal(predict(file, asked(data), LIMITS).predictions, evidence.value)  # type: ignore[arg-type]
    small = replace(asked(data), max_parameters=100)
    assert predict(file, small, LIMITS).detail.startswith("parameters: 6810 > 100")


@pytest.fixture(scope="module")
def odd(data: Path) -> Run:
    """What cannot be judged, handed in by one notebook."""
    return hand_over(
        data,
        "import keras\nfrom keras.layers import Dense, Flatten, Input, Lambda",
        "l = keras.Sequential([Input((28, 28)), Lambda(lambda x: x), Flatten()])",
        "s = keras.Sequential([Input((32, 32, 3)), Flatten(), Dense(1)])",
        "n = 3",
        "import tensorflow as tf\ntf.keras.datasets.fashion_mnist.load_data()",
        models="lsn",
    )


def test_a_lambda_model_is_refused_by_name(odd: Run) -> None:
    assert (answer(odd, "l").status, answer(odd).value) == ("refused", 1)
    assert answer(odd, "l").detail.startswith("layers: Lambda")
    assert not odd.artefacts


def test_a_model_of_another_input_is_refused_and_says_what_it_takes(odd: Run) -> None:
    assert answer(odd, "s").detail.startswith("input: takes [None, 32, 32, 3]")


def test_what_is_no_model_is_unreadable(odd: Run) -> None:
    assert (answer(odd, "n").status, answer(odd, "n").detail) == ("unreadable", "not a Keras model")


def test_a_set_that_is_not_there_says_so(odd: Run) -> None:
    assert "is not part of this assignment" in shown(odd)


def remade(model: bytes, **members: bytes) -> bytes:
    """The model file with other members in place of its own; config and weights are their names here."""
    old, new = zipfile.ZipFile(io.BytesIO(model)), io.BytesIO()
    given = {"config.json": members.get("config"), "model.weights.h5": members.get("weights")}
    with zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            archive.writestr(name, given.get(name) or old.read(name))
    return new.getvalue()


WEIGHTS = {
    "soft link": ("f['x'] = np.ones(3); f['y'] = h5py.SoftLink('/x')", "a link among"),
    "external link": ("f['x'] = h5py.ExternalLink('/etc/passwd', '/x')", "a link among"),
    "external storage": ("f.create_dataset('x', (9,), 'f4', external=[('/etc/passwd', 0, 36)])", "lie elsewhere"),
    "virtual": ("v = h5py.VirtualLayout((3,), 'f4'); v[:] = h5py.VirtualSource('/etc/passwd', 'x', (3,));"
                "f.create_virtual_dataset('x', v)", "lie elsewhere"),
    "filter": ("f.create_dataset('x', data=np.zeros(999), compression='gzip')", "packed"),
    "not there": ("f.create_dataset('x', (10**6, 10**6), 'f4', chunks=(9, 9))", "declares more"),
    "cycle": ("f.create_group('x')['me'] = f['/']", "contain themselves"),
    "text": ("f['x'] = 'abc'", "no numbers"),
}  # fmt: skip


@pytest.fixture(scope="module")
def weights() -> dict[str, bytes]:
    """HDF5 files made by the kernel's Python: ours has no h5py on purpose."""
    lines = ["import base64, h5py, io, json, numpy as np", "made = {}"]
    for name, (source, _) in WEIGHTS.items():
        lines += ["b = io.BytesIO(); f = h5py.File(b, 'w')", source, f"f.close(); made[{name!r}] = b.getvalue()"]
    lines.append("print(json.dumps({n: base64.b64encode(d).decode() for n, d in made.items()}))")
    command = [str(kernel_env().folder / "bin" / "python"), "-I", "-c", "\n".join(lines)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {name: base64.b64decode(text) for name, text in found.items()} | {"garbage": b"\x89HDF" * 99}


@pytest.mark.parametrize("name", [*WEIGHTS, "garbage"])
def test_weights_that_are_no_plain_arrays_are_refused(
    name: str, weights: dict[str, bytes], trained: Run, data: Path
) -> None:
    result = predict(remade(trained.artefacts["m.keras"], weights=weights[name]), asked(data), LIMITS)
    said = WEIGHTS[name][1] if name in WEIGHTS else "no HDF5 file"
    assert result.status == "refused"
    assert result.detail.startswith("file: ")
    assert said in result.detail


def test_a_damaged_zip_is_refused(trained: Run, data: Path) -> None:
    model = bytearray(trained.artefacts["m.keras"])
    at = model.rfind(b"PK\1\2")
    model[at + 42 : at + 46] = b"\5\0\0\0"  # where the weights begin
    assert predict(bytes(model), asked(data), LIMITS).detail == "file: a damaged zip"


def test_how_a_part_was_compiled_is_never_read(trained: Run, data: Path) -> None:
    model = trained.artefacts["m.keras"]
    config = json.loads(zipfile.ZipFile(io.BytesIO(model)).read("config.json"))
    loss = {
        "module": "keras.layers",
        "class_name": "TFSMLayer",
        "config": {"filepath": "/tmp"},
        "registered_name": None,
    }
    config["config"]["layers"][-1]["compile_config"] = {"loss": loss}
    made = remade(model, config=json.dumps(config).encode())
    assert np.array_equal(predict(made, asked(data), LIMITS).predictions, answer(trained, "m").value)  # type: ignore[arg-type]
