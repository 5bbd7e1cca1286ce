# What a developer types. `make check` does what CI does.
PYTHON ?= python3
PYTHONS ?= python3.11 python3.12 python3.13
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help dev check locks pythons quick soak mutants fix lock schema pictures demo clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/ready: requirements-dev.lock requirements-build.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -r requirements-dev.lock -r requirements-build.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@

dev: $(VENV)/ready  ## Set up .venv with the locked versions, and the pre-commit hooks
	if [ -d .git ]; then $(BIN)/pre-commit install; fi

check: $(VENV)/ready  ## Everything CI checks
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -r watcher -c pyproject.toml
	$(BIN)/python -m pytest --cov
	$(BIN)/python -m pytest -m slow
	$(BIN)/watcher check indicators.yaml

locks: $(VENV)/ready  ## Install each lock with old and new pips, and run README's commands, where everything has newer releases
	$(BIN)/python -m tests.locks

pythons:  ## The quick tests on each supported Python that is here; PYTHONS names others
	@for python in $(PYTHONS); do \
		if version=$$($$python -c 'import platform; print(platform.python_version())'); \
		then echo "+ $$version" && $(MAKE) -s quick PYTHON=$$python VENV=.venv-$$version || exit 1; \
		else echo "$$python is not here: not tested"; fi; \
	done

quick: $(VENV)/ready
	$(BIN)/python -m pytest -q

soak: $(VENV)/ready  ## Every guarantee of the service at length, and a table of what was measured (an hour and a half)
	$(BIN)/python -m tests.faults.soak

mutants: $(VENV)/ready  ## 300 wrong stores and lines against the contract and story suites: nine of ten must be caught (half an hour)
	$(BIN)/python -m tests.mutants

fix: $(VENV)/ready  ## Format, and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

schema: $(VENV)/ready  ## Write the JSON Schemas of both YAML files from the models
	$(BIN)/watcher schema indicators > schema/indicators.schema.json
	$(BIN)/watcher schema feeds > schema/feeds.schema.json

pictures: $(VENV)/ready  ## Make the pictures of README and docs anew (needs Chromium and `pip install playwright`)
	$(BIN)/python -m docs.pictures

LOCK = CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet $(UP) --generate-hashes --allow-unsafe --no-strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
# A constraint may have no extras.
WITHOUT_EXTRAS = sed 's/^\([^[ ]*\)\[[^]]*\]==/\1==/'

lock: $(VENV)/ready  ## Choose new versions for the four locks (add `UP=--upgrade` to raise them all)
	$(BIN)/pip install -q pip-tools
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(WITHOUT_EXTRAS) requirements.lock > $(VENV)/requirements.lock
	$(LOCK) --output-file requirements-postgres.lock --constraint $(VENV)/requirements.lock --extra postgres pyproject.toml
	$(WITHOUT_EXTRAS) requirements-postgres.lock > $(VENV)/requirements-postgres.lock
	$(LOCK) --output-file requirements-dev.lock --constraint $(VENV)/requirements-postgres.lock --extra postgres \
		pyproject.toml requirements-dev.in
	$(WITHOUT_EXTRAS) requirements-dev.lock > $(VENV)/requirements-dev.lock
	$(LOCK) --output-file requirements-build.lock --constraint $(VENV)/requirements-dev.lock \
		--build-deps-for wheel --only-build-deps pyproject.toml

demo: $(VENV)/ready  ## Play sample news through the real service
	$(BIN)/watcher demo

clean:  ## Remove what can be made again
	rm -rf .venv* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist build
