# mypy: ignore-errors
"""Keep one's own objects in a pickle and in JSON."""

# %%
import json
import pickle
from dataclasses import asdict, dataclass, field


@dataclass(order=True)
class Run:
    rate: float
    losses: list = field(default_factory=list)


with open("runs.pickle", "wb") as file:
    pickle.dump([Run(0.1, [1, 2]), Run(0.01)], file)
with open("runs.pickle", "rb") as file:
    runs = pickle.load(file)
with open("runs.json", "w") as file:
    json.dump([asdict(run) for run in runs], file)

# %%
hand_in("work", "value", "v", [json.load(open("runs.json")), min(runs).rate, repr(runs[0])])
