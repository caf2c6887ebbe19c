from __future__ import annotations

import os

from hypothesis import settings

# A busy machine breaks any deadline in milliseconds now and then.
# `make test` tries the same examples each time, so that what fails is what was changed; `make test-all` looks further.
settings.register_profile("quick", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
