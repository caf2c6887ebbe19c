"""The only folder that imports nbgrader, which has no plugin registry: everything is a class path in its configuration.

config.py      the class paths, for nbgrader_config.py
assign.py      generate_assignment: keeps each release, gives every exercise a comment
autograde.py   autograde: the doctor in front, our pipeline in place of Execute and SaveAutoGrades
gradebook.py   the one writer of scores
collect.py     collect: whose it is and when it came is not for the student to say
exchange.py    the exchange, used from a process that stays: for `autograder watch`
export.py      export: quoted, and never a 0 for what we lost
feedback.py    generate_feedback: our page
release_feedback.py  release_feedback: also for a notebook that was renamed
formgrader.py  the formgrader's page: verdicts shown, student content inert
"""

from autograder.nbgrader_ext.config import configure as configure
