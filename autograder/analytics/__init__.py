"""Reports -> tables and one page for staff. Read-only, pure, and nothing of a submission becomes markup."""
