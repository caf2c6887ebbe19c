# mypy: ignore-errors
"""Keep numbers in an SQLite database, in a file and in memory."""

# %%
import sqlite3

totals = []
for place in ("numbers.db", ":memory:"):
    with sqlite3.connect(place) as connection:
        connection.execute("create table n (x integer)")
        connection.executemany("insert into n values (?)", [(i,) for i in range(100)])
        totals.append(connection.execute("select sum(x) from n where x % 2 = 0").fetchone()[0])
    connection.close()

# %%
hand_in("work", "value", "v", totals)
