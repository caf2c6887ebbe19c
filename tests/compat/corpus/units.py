# mypy: ignore-errors
"""Reckon with units."""

# %%
import pint

units = pint.UnitRegistry()
speed = (100 * units.km / units.hour).to("m/s")

# %%
hand_in("work", "value", "v", [round(speed.magnitude, 6), f"{speed.units:~}"])
