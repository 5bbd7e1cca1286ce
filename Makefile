# What a developer types. `make check` does what CI does.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help dev check promises fix lock schema demo clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements-dev.lock
	$(BIN)/pip install -q --no-deps -e .
	touch $@

dev: .venv/ready  ## Set up .venv with the locked versions, and the pre-commit hooks
	if [ -d .git ]; then $(BIN)/pre-commit install; fi

check: .venv/ready  ## Everything CI checks
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -r watcher -c pyproject.toml
	$(BIN)/python -m pytest --cov
	$(BIN)/python -m pytest -m slow
	$(BIN)/watcher check indicators.yaml

promises: .venv/ready  ## Every promise of the service at length, and a table of what was measured (an hour and a half)
	$(BIN)/python -m tests.faults.long

fix: .venv/ready  ## Format, and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

schema: .venv/ready  ## Write the JSON Schemas of both YAML files from the models
	$(BIN)/watcher schema indicators > schema/indicators.schema.json
	$(BIN)/watcher schema feeds > schema/feeds.schema.json

LOCK = CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet $(UP) --generate-hashes --allow-unsafe --no-strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: .venv/ready  ## Choose new versions for the three locks (add `UP=--upgrade` to raise them all)
	$(BIN)/pip install -q pip-tools
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(LOCK) --output-file requirements-dev.lock --constraint requirements.lock pyproject.toml requirements-dev.in
	$(LOCK) --output-file requirements-build.lock --build-deps-for wheel --only-build-deps pyproject.toml

demo: .venv/ready  ## Play sample news through the real service
	$(BIN)/watcher demo

clean:  ## Remove what can be made again
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist build
