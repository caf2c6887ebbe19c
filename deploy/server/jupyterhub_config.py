"""One server with the course `cnn`. With The Littlest JupyterHub: a file in /opt/tljh/config/jupyterhub_config.d/.

The hub itself is set up as its own documentation says: login, HTTPS, spawner. Here is what a course adds.
"""

from autograder.desk import add_desk
from autograder.hub import Course, configure

c = get_config()  # noqa: F821  (jupyterhub puts it here)

c.JupyterHub.load_groups = {  # or in the hub's admin page, or from your login service
    "nbgrader-cnn": {"users": []},  # students
    "formgrade-cnn": {"users": []},  # graders
    "instructor-cnn": {"users": []},
    "staff-cnn": {"users": []},  # who write the course
}

course, root, account = "cnn", "/srv/courses/cnn", "course-cnn"
configure(
    c, [Course(course, root, account=account, port=9101, workers=2)], exchange=f"{root}/exchange", kernel="/opt/kernel"
)
# url: the hub's own address as a student's server reaches it. CHANGE, and keep COURSE.
add_desk(c, course, root, account=account, port=9201, url="https://hub.example.org/services/desk-COURSE")
