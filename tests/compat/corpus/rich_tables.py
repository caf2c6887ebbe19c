# mypy: ignore-errors
"""Show coloured tables."""

# %%
from rich.console import Console
from rich.table import Table

table = Table("name", "n")
table.add_row("a", "1")
Console().print(table)
print("\x1b[31mred\x1b[0m")

# %%
hand_in("work", "value", "v", table.row_count)
