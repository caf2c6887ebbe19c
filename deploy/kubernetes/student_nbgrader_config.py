from handin.exchange import configure

configure(get_config())  # noqa: F821  (nbgrader puts it here)
