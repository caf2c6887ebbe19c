# mypy: ignore-errors
"""Read a table with pandas and group it.

needs: pandas
"""

# %%
import pandas as pd

pd.DataFrame({"kind": list("aab"), "n": [1, 2, 3]}).to_csv("table.csv", index=False)
table = pd.read_csv("table.csv")
display(table)

# %%
hand_in("work", "value", "v", table.groupby("kind").n.sum().to_dict())
