# mypy: ignore-errors
"""Reckon with time zones, and measure time."""

# %%
import datetime
import time
from zoneinfo import ZoneInfo

summer = datetime.datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(ZoneInfo("Asia/Tokyo"))
start = time.perf_counter()
time.sleep(0.01)
now = datetime.datetime.now(datetime.UTC)

# %%
hand_in(
    "work",
    "value",
    "v",
    [summer.isoformat(), time.perf_counter() > start, now.year > 2024, time.tzname, time.localtime(0).tm_hour],
)
