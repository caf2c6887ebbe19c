# mypy: ignore-errors
"""Warn, and write logs, to the notebook and to a file."""

# %%
import logging
import warnings

warnings.warn("careful")
logging.basicConfig(level=logging.INFO)
logging.info("to the notebook")
log = logging.getLogger("mine")
log.addHandler(logging.FileHandler("mine.log"))
log.warning("to the file")

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("noted", DeprecationWarning)

# %%
hand_in("work", "value", "v", [open("mine.log").read(), [str(one.message) for one in caught]])
