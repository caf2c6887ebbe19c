"""nbgrader's configuration of this course. Add settings of your own below."""

from autograder.nbgrader_ext import configure

c = get_config()  # noqa: F821  (nbgrader puts it here)
configure(c, __file__)
