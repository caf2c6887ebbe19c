# Where students work. In the clone:
#   docker build --file deploy/kubernetes/student.Dockerfile --tag registry.example.org/autograder-student:0.1.0 .
# The same libraries as where notebooks are graded. For a GPU: --build-arg KERNEL=kernel-gpu.txt
FROM python:3.11-slim-trixie
ARG KERNEL=kernel.txt
ARG HUB=5.5.0
# HUB: the chart's. `helm search repo jupyterhub/jupyterhub --versions` shows it as APP VERSION.
COPY requirements /tmp/requirements
RUN python -m pip install --no-cache-dir --requirement /tmp/requirements/$KERNEL \
      jupyterhub==$HUB jupyterlab==4.6.6 notebook==7.6.5 nbgrader==0.9.6
COPY student /tmp/student
RUN python -m pip install --no-cache-dir --no-deps /tmp/student && rm -rf /tmp/student /tmp/requirements
# nbgrader for a student: the list of assignments, validation, and nothing of the staff's.
COPY autograder/hub/jupyter/everybody/jupyter_server_config.json deploy/kubernetes/student_nbgrader_config.py /opt/jupyter/
COPY autograder/hub/jupyter/student /opt/jupyter
RUN mv /opt/jupyter/student_nbgrader_config.py /opt/jupyter/nbgrader_config.py && useradd --create-home --uid 1000 jovyan
ENV JUPYTER_CONFIG_PATH=/opt/jupyter
USER 1000
WORKDIR /home/jovyan
CMD ["jupyterhub-singleuser"]
