# Two commands: `make run` opens the sample review, `make test` proves the tree. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A start without byte code compiles every module anew, which takes longer than the start itself.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test lint format bench figures lock wheel clean help
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.run ## open a fresh copy of the sample review
	@$(BIN)/blamefree demo

test: lint ## everything that must hold (lint included)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.dev ## format, lint, strict types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## measure, and print ratios against a reference in the same run
	$(BIN)/python -m tests.bench

figures: $(VENV)/.dev ## remake the pictures in docs/
	$(BIN)/python -m tests.figures

wheel: $(VENV)/.dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

lock: ## write the locked versions anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o .ci/requirements.txt
	uv pip compile .ci/requirements-build.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o .ci/requirements-build.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -c .ci/requirements.txt -o .ci/requirements-dev.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "blamefree needs Python 3.11 or newer: make PYTHON=python3.12 ..., say")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The editable install needs the build backend, locked with the developers' tools; `run` takes it from there.
$(VENV)/.run: $(VENV)/bin/python .ci/requirements.txt pyproject.toml
	@echo "setting up $(VENV) (once) ..."
	@$(PIP) install --require-hashes -r .ci/requirements.txt
	@$(PIP) install --require-hashes -r .ci/requirements-build.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run .ci/requirements-dev.txt
	@$(PIP) install --require-hashes -r .ci/requirements-dev.txt
	@touch $@
