# The grader, the staff's pages and the desk. In the clone:
#   docker build --file deploy/kubernetes/course.Dockerfile --tag registry.example.org/autograder:0.1.0 .
FROM python:3.11-slim-trixie
# libseccomp: without it student code would be confined less. PostgreSQL's client: for autograder backup.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git libseccomp2 make postgresql-client tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/autograder
COPY . .
RUN make setup && .venv/bin/python -m pip install --no-cache-dir --requirement requirements/hub.txt
ENV PATH=/opt/autograder/.venv/bin:$PATH AUTOGRADER_KERNEL_ENV=/opt/autograder/.kernel
USER 1000:1000
WORKDIR /srv/course
ENTRYPOINT ["tini", "--"]
