# `make demo` trains the three wells; `make test` runs the tests. Both set everything up first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo test check clean

demo: $(VENV)/installed
	$(VENV)/bin/qwpinn reproduce

test: $(VENV)/installed
	$(RUN) -m pytest

check: $(VENV)/installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest

$(VENV)/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV)
