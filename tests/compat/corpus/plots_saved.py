# mypy: ignore-errors
"""Save plots as files of several kinds."""

# %%
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

figure, ax = plt.subplots()
ax.bar(["a", "b"], [1, 2])
for kind in ("png", "svg", "pdf"):
    figure.savefig(f"plot.{kind}")

# %%
from pathlib import Path

starts = {path.suffix: path.read_bytes()[:4].decode("latin-1") for path in sorted(Path().glob("plot.*"))}

# %%
hand_in("work", "value", "v", starts)
