# mypy: ignore-errors
"""Ask who one is."""

# %%
import getpass
import os
import pwd

name = getpass.getuser()
entry = pwd.getpwuid(os.getuid())

# %%
hand_in("work", "value", "v", [name, os.environ["USER"], os.access(".", os.W_OK), entry.pw_uid == os.getuid()])
