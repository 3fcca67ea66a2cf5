# LUS: `make help` lists what there is. Nothing is installed by hand: every target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup release test lint lint-python lint-dbt format mutants bench pictures ui lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export LUS_HOME ?= var
export PYTHONUTF8 := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed  ## Make .venv with the locked packages and the project itself

$(VENV)/.installed: requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { echo "LUS needs Python 3.11: install it, or say 'make PYTHON=/path/to/python3.11 ...'."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

release: setup  ## Publish the newest month; makes the demonstration region first where there is no landing zone
	@test -d "$${LUS_LANDING:-$(LUS_HOME)/landing}" || $(BIN)/lus generate --region 01 --from 2023-01 --to 2024-12
	@$(BIN)/lus release

test: setup  ## Pass every test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: lint-python lint-dbt  ## Style and conventions: Python, types, SQL, the dbt project, Dagster's definitions

lint-python: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-dbt: setup
	./.ci/lint-dbt
	$(BIN)/dagster definitions validate

format: setup  ## Put Python and SQL into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	LUS_WAREHOUSE="$$(mktemp -d)/warehouse.duckdb" $(BIN)/sqlfluff fix dbt

mutants: setup  ## Try small faults in the payment rules' SQL: how many do the tests see?
	$(BIN)/python -m tests.mutation

bench: setup  ## Time a release of 0.3 and 3 million stays against the models' SQL alone
	$(BIN)/python benchmarks/bench.py

pictures: release  ## Take the README's pictures anew, of the published demonstration; needs Chromium
	$(BIN)/python -m docs.pictures

ui: setup  ## Open the Dagster interface
	$(BIN)/lus ui

lock: setup  ## Solve the dependencies anew into requirements.lock, with hashes
	$(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --extra dev --upgrade -o requirements.lock pyproject.toml

clean:  ## Remove what was installed and built here; LUS_HOME stays
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt/target dbt/logs
