# mypy: ignore-errors
"""Ask for input, which nobody gives here, and go on."""

# %%
try:
    name = input("Your name? ")
except Exception as error:
    name = type(error).__name__

# %%
import getpass

try:
    getpass.getpass()
except Exception as error:
    word = type(error).__name__

# %%
hand_in("work", "value", "v", [name, word])
