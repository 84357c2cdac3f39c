# Everything sets itself up: a Debian machine with Python, make and git is enough.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
# Tests wait for servers half of their time: three of them to two processors.
WORKERS ?= $$(( ($$(nproc) * 3 + 1) / 2 ))

.PHONY: run test lint bench torture snapshots screenshot tour clean help
.DEFAULT_GOAL := help

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/run: pyproject.toml
	@scripts/venv $(PYTHON) $(VENV) .
	@touch $@

$(VENV)/dev: pyproject.toml
	@scripts/venv $(PYTHON) $(VENV) ".[dev]"
	@touch $@ $(VENV)/run

run: $(VENV)/run ## open Desk
	@$(BIN)/desk

test: $(VENV)/dev ## all tests, against real servers on loopback
	@scripts/servers
	@$(BIN)/python -m compileall -q desk screens connectors
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not torture"

lint: $(VENV)/dev ## style, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/dev ## every figure the project claims, measured here
	@scripts/servers
	@$(BIN)/python -m benchmarks

torture: $(VENV)/dev ## the exhaustive versions: thousands of kills, whole corpora, answers that come late
	@scripts/servers
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "torture"
	@DESK_EXAMPLES=20 $(BIN)/python -m pytest -n auto --dist loadgroup -m "not torture" tests/promises tests/service
	@DESK_TESTS_LATE=0,0.25 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not torture" tests/screens

snapshots: $(VENV)/dev ## accept the screens as they are now
	@$(BIN)/python -m pytest tests/screens --snapshot-update

screenshot: $(VENV)/dev ## draw the README's picture anew
	@$(BIN)/python scripts/screenshot docs/inbox.svg

tour: $(VENV)/dev ## draw the README's tour anew
	@$(BIN)/python scripts/tour docs/tour

clean: ## forget the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
