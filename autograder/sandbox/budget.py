"""What a reader of bytes from inside says when they are too many, or others than it may be sent."""

from __future__ import annotations


class BudgetError(Exception):
    """Ends the box as "output". The text starts with "protocol" for bytes that nothing honest sends."""
