from __future__ import annotations

from hypothesis import settings

# A busy machine breaks any deadline in milliseconds now and then.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
