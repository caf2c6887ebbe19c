"""How good is an honest network? Trains the worked solution again and again; shows which credit each run would earn.

    python -m bench.calibrate --setting small --seeds 20 --secrets 3

The code that is trained is taken from source/mnist/mnist.ipynb, so that the figures are those of the solution as it
stands. Each trained network is judged on hidden images drawn under several secrets. Thresholds are fair when the last
step lies below what 99 of 100 runs reach: mean less 2.33 standard deviations of the interval's upper end. The figures
that the course's thresholds rest on are in docs/calibration.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder.build import BEGIN, END
from autograder.checkers.accuracy import Accuracy, interval
from autograder.course import load_course
from autograder.data import Pack, pack

ROOT = Path(__file__).resolve().parents[1]

TRAIN = """
import json, sys, time
import keras
import numpy as np
from keras import layers

task = json.load(sys.stdin)
data = np.load(task["data"], allow_pickle=False)
hidden = [np.load(path, allow_pickle=False) for path in task["hidden"]]
for seed in task["seeds"]:
    keras.utils.set_random_seed(seed)
    names = {"keras": keras, "layers": layers, "np": np}
    exec(task["prepare"], names)
    names |= {"x_train": names["prepare"](data["x_train"]), "x_valid": names["prepare"](data["x_test"])}
    names |= {"y_train": data["y_train"], "y_valid": data["y_test"]}
    wall, cpu = time.perf_counter(), time.process_time()
    exec(task["train"], names)
    model, history = names["model"], names["history"].history
    spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    named = [model.predict(images, batch_size=500, verbose=0).argmax(axis=1).tolist() for images in hidden]
    print("RUN", json.dumps({"seed": seed, "named": named, "parameters": model.count_params(), **spent,
                             "validation": history["val_accuracy"][-1]}), flush=True)
"""


def solution(grade_id: str) -> str:
    """Return the worked solution of one cell of the MNIST notebook, silent."""
    notebook = json.loads((ROOT / "source" / "mnist" / "mnist.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            lines = "".join(cell["source"]).replace("verbose=2", "verbose=0").splitlines()
            return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
    raise SystemExit(f"source/mnist/mnist.ipynb has no cell {grade_id}")


def runs(packs: list[Pack], seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Train once for each seed in the kernel's environment, and yield what came of it."""
    task = {
        "data": str((packs[0].kernel / "mnist.npz").resolve()),
        "hidden": [str(p.hidden.images.resolve()) for p in packs],
        "prepare": solution("prepare-work"), "train": solution("classifier-work"), "seeds": seeds,
    }  # fmt: skip
    program = [str(ROOT / ".kernel" / "bin" / "python"), "-c", TRAIN]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as p:
        assert p.stdin is not None and p.stdout is not None
        p.stdin.write(json.dumps(task))
        p.stdin.close()
        for line in p.stdout:
            if line.startswith("RUN "):
                yield json.loads(line.removeprefix("RUN "))
    if p.returncode:
        raise SystemExit("Training failed. Run the cells of source/mnist/mnist.ipynb in JupyterLab to see why.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", choices=("small", "full"), default="small")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--secrets", type=int, default=3)
    asked = parser.parse_args()
    checker = load_course(ROOT).assignment("mnist").exercises["classifier"].checker
    assert isinstance(checker, Accuracy)
    steps = checker.steps[asked.setting]
    begun, highs, seconds = time.perf_counter(), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as scratch:
        packs = [pack(Path(scratch) / str(i), "mnist", asked.setting, say=print) for i in range(asked.secrets)]
        print("seed  seconds  CPU s  validation  hidden sets: accuracy (upper end -> credit)")
        for run in runs(packs, list(range(asked.seeds))):
            shown = []
            for named, made in zip(run["named"], packs, strict=True):
                right, n = int(np.sum(np.array(named) == made.hidden.labels)), len(named)
                high = interval(right, n)[1]
                credit = max((credit for place, credit in steps if high >= place), default=0.0)
                shown.append(f"{right / n:.4f} ({high:.4f} -> {credit:.0%})")
                highs.append(high)
            seconds.append(run["seconds"])
            head = f"{run['seed']:4}  {run['seconds']:7.1f}  {run['cpu']:5.1f}  {run['validation']:10.4f}"
            print(head, *shown, sep="  ")
    mean, spread = statistics.fmean(highs), statistics.stdev(highs)
    print(f"\n{asked.setting}: {len(seconds)} runs on {asked.secrets} hidden sets, {run['parameters']:,} parameters")
    print(f"upper end: mean {mean:.4f}, sd {spread:.4f}, lowest {min(highs):.4f}")
    print(f"1 run in 100 is expected below {mean - 2.33 * spread:.4f}")
    print(f"full marks from {steps[-1][0]:.2%}: {np.mean(np.array(highs) >= steps[-1][0]):.1%} of the runs")
    print(f"training: median {statistics.median(seconds):.1f} s; all of this took {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
