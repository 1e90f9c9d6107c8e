# `make demo` trains the three wells; `make test` runs the tests. Both set everything up first.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo test check clean

demo: $(VENV)/installed
	$(VENV)/bin/qwpinn reproduce

test: $(VENV)/installed
	$(RUN) -m pytest -n 2 --dist loadfile

check: $(VENV)/installed
	$(RUN) -m pip install --quiet --editable '.[test,dev]'
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m pytest -n 2 --dist loadfile

$(VENV)/installed: setup.cfg pyproject.toml
	@echo "Setting up $(VENV): TensorFlow is a large download, this takes a minute or more."
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV)
