# mypy: ignore-errors
"""Write a table and read it with what Python has."""

# %%
import csv
import statistics

with open("table.csv", "w", newline="") as file:
    csv.writer(file).writerows([["name", "n"], ['Müller, "Jo"', 1], ["李", 2]])
with open("table.csv", newline="") as file:
    rows = list(csv.DictReader(file))

# %%
hand_in("work", "value", "v", [rows, statistics.mean(int(row["n"]) for row in rows)])
