# `make demo` trains the three wells; `make test` runs the unit and property tests, `make test-all`
# those that start programs and run notebooks too. All set everything up first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# A worker that has done its half takes over tests of the other's.
PYTEST := $(RUN) -m pytest -n 2 --dist worksteal

.PHONY: demo test test-programs test-notebooks test-apart test-slow test-all check clean

demo: $(VENV)/installed
	$(VENV)/bin/qwpinn reproduce

test: $(VENV)/installed
	$(PYTEST) --durations 10 -m "not (programs or kills or notebooks or slow)"

test-programs: $(VENV)/installed
	$(PYTEST) tests -m "programs or kills"

test-notebooks: $(VENV)/installed
	$(PYTEST) tests -m notebooks

# Both in one run: a core that has no notebook left takes programs.
test-apart: $(VENV)/installed
	$(PYTEST) tests -m "programs or kills or notebooks"

# Trainings whose tracing takes long; continuous integration has no time for them.
test-slow: $(VENV)/installed
	$(PYTEST) -m slow

test-all: test test-apart test-slow

check: $(VENV)/installed
	$(RUN) -m pip install --quiet --editable '.[test,dev]'
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m mypy
	$(MAKE) test-all

$(VENV)/installed: setup.cfg pyproject.toml
	@echo "Setting up $(VENV): TensorFlow is a large download, this takes a minute or more."
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV)
