"""nbgrader in everybody's own server: the hub's exchange or its desks, and the courses of their groups."""

import os

c = get_config()  # noqa: F821  (nbgrader puts it here)
c.Exchange.root = os.environ["AUTOGRADER_EXCHANGE"]
c.Exchange.path_includes_course = True  # two courses may both have an assignment "week1"
c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"
if "AUTOGRADER_DESK" in os.environ:
    from handin.exchange import configure

    configure(c)
