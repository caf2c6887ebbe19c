"""Verdicts -> HTML that a student reads. Whatever a submission holds comes out as text, never as markup."""
