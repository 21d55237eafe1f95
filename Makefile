# SPDX-License-Identifier: AGPL-3.0-or-later
# `make` alone lists the targets. Everything sets itself up in .venv, from the lock file.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
CODE := activitypub node web tests federation_tests benchmarks
# A node with its own data, beside the checkout's code and out of its history.
RUN := .demo/run
WORKERS ?= 2
T ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check federation run bench migration docs lock format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with all that development needs

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Alumnode needs Python 3.11 or newer: give it with make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv module is missing (on Debian: apt-get install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## three nodes and a story among them (DEMO_ARGS=--check plays it, checks it and ends)
	$(BIN)/python -m node.cli demo $(DEMO_ARGS)

test: $(READY) ## all tests, on SQLite and PostgreSQL (T=path for some, WORKERS=n)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(T)

check: $(READY) ## formatting, lint, types, and which package may import which
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

federation: $(READY) ## whole nodes against each other and against independent peers
	$(BIN)/python -m pytest federation_tests $(T)

run: $(READY) ## one node on http://localhost:8080 with a few people (data in .demo/run)
	@test -f $(RUN)/alumnode.toml || $(MAKE) --no-print-directory $(RUN)/alumnode.toml
	$(BIN)/python -m node.cli serve --config $(RUN)/alumnode.toml

$(RUN)/alumnode.toml:
	@mkdir -p $(RUN)
	@$(BIN)/python -m node.cli init --yes --insecure-local --domain localhost:8080 --port 8080 \
	  --name "Harbour Academy Alumni" --school "Harbour Academy" --timezone Europe/London --config $@
	@for who in "ada 1998 Ada Winter" "ben 1998 Ben Okoro" "carla 2011 Carla Reyes"; do set -- $$who; \
	  echo "harbour-bells" | $(BIN)/python -m node.cli member add $$1 --email $$1@example.org --class-year $$2 \
	    --display-name "$$3 $$4" --role member --password-stdin --config $@; done
	@echo "Log in as ada, ben or carla with the password harbour-bells."

bench: $(READY) ## CPU per operation, beside the floors measured in the same run
	$(BIN)/python -m benchmarks

migration: $(READY) ## write a migration from what the tables say (name="what changes"; without: the first one anew)
	$(BIN)/python -m node.cli.migration $(name)
	$(BIN)/ruff format --quiet node/kernel/migrations/versions/*.py

docs: $(READY) ## write docs/api.md, and check that the documentation names every setting, command and activity
	$(BIN)/python -m web.mastodon.openapi.reference
	$(BIN)/python -m pytest -q tests/docs

lock: $(READY) ## resolve the dependencies anew into requirements/
	$(BIN)/uv pip compile --quiet pyproject.toml --extra postgres --extra speed --override requirements/overrides.txt \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --extra postgres --extra speed --group dev --override requirements/overrides.txt \
	  -c requirements/runtime.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -o requirements/dev.txt

format: $(READY) ## put the code into its form
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean: ## remove what the targets made, but for .venv
	rm -rf .demo .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache test-artifacts
