"""Keeps the catalogues of student/handin/locale in step with the code: docs/translating.md."""
