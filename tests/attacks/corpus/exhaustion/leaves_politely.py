# mypy: ignore-errors
"""Ends its program, as a script would.

expect: answered
held-by: judge
"""
# %%
import sys
answer = 0
sys.exit(1)
