"""What the figures in docs/performance.md are measured with."""

import os

# What is measured runs as a user's does: Python keeps what it has compiled. For all contestants alike.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
