"""A course on a JupyterHub: who may do what, the course's own pages, and what a hub's configuration needs.

roles.py     the table of rights: the gate, its test and the docs go by it
config.py    configure(), for jupyterhub_config.py
jupyter/     what Jupyter loads for students and for staff
server.py    the course's service: nbgrader's formgrader and our pages behind the gate, and nothing else
gate.py      in front of every handler: who is it, what may they do, did the request come from our own page
pages.py     the course's page, the report
overview.py  how far each assignment is
jobs.py      one long command at a time, its output kept
watching.py  `autograder watch` as a service: waits for the first release, is started again when it ends
audit/       what is unsafe on this machine, and the command that mends it
demo.py      a hub to try: accounts, a course, `make hub`
"""

from autograder.hub.config import Course as Course
from autograder.hub.config import configure as configure
