# One word for each thing to do; `make` alone prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO := scenarios/$(NAME).toml
# The rooms in which no test opens a socket: several processes may play them at once.
QUIET_ROOMS := tests/unit tests/rfc tests/properties
# e2e needs port 53, and waits a lot: three processes play it where each may have a network of its own.
APART = $(shell unshare --net true 2>/dev/null && echo --numprocesses=3 --dist=loadfile)
# Other people's programs wait for seconds, not for ever. What failed is named, and played once more
# with the machine to itself: only a defect fails twice.
E2E = $(BIN)/python -m pytest tests/e2e $(APART)
E2E_TWICE = $(E2E) || { test $$? = 1 && $(E2E) --last-failed --last-failed-no-failures=none; }

.DEFAULT_GOAL := help
# Tests start the command hundreds of times: it must not be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab demo setup check lint types imports unit test e2e bench scenario reference locks sizes clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/lab.stamp: requirements.lock pyproject.toml
	@echo "[1/3] creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The lab needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "[2/3] installing the pinned libraries (once, about half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@echo "[3/3] installing the lab"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/lab.stamp
	@echo "[dev] installing the pinned test tools (once, about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/dev.stamp  ## install the lab and its test tools into .venv

lab: $(VENV)/lab.stamp  ## start everything and stay in the foreground; Ctrl-C stops it
	@$(BIN)/lab up

demo: $(VENV)/lab.stamp  ## start everything, show the self-check, stop
	@$(BIN)/lab up --demo

check: lint types imports unit  ## lint, types, layers, and the tests that open no socket

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/codespell lab tests zones scenarios *.md Makefile pyproject.toml

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

unit: setup
	@$(BIN)/python -m pytest $(QUIET_ROOMS) -q -n auto

test: setup  ## all four rooms; `LAB_REQUIRE=all` forbids to skip
	@$(BIN)/python -m pytest $(QUIET_ROOMS) tests/conformance -n auto
	@$(E2E_TWICE)

e2e: setup  ## only the tests in which other people's programs judge a running lab
	@$(E2E_TWICE)

bench: setup  ## measure it all beside the peers of Debian: QUICK=1, ONLY=servers, PEERS="lab serve,NSD", ARGS=--json
	@$(BIN)/python -m tests.bench $(if $(QUICK)$(ONLY)$(PEERS),,--write bench) $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(PEERS),--peers "$(PEERS)") $(ARGS)

scenario: $(VENV)/lab.stamp  ## play one scenario: make scenario NAME=federated-mutual-tls
	@$(BIN)/lab run $(SCENARIO)

reference: setup  ## regenerate REFERENCE.md and the schema of scenarios, and zones/FAULTS.md
	@$(BIN)/lab reference > scenarios/REFERENCE.new && mv scenarios/REFERENCE.new scenarios/REFERENCE.md
	@$(BIN)/lab scenario schema > scenarios/schema.new && mv scenarios/schema.new scenarios/scenario.schema.json
	@$(BIN)/lab reference specimens > zones/FAULTS.new && mv zones/FAULTS.new zones/FAULTS.md

locks: setup  ## pin the newest versions of every library again
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --no-header --build-deps-for editable -o requirements.lock pyproject.toml
	@$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe --no-header --extra dev --build-deps-for editable -c requirements.lock -o requirements-dev.lock pyproject.toml

sizes: ## list the ten longest modules
	@find lab -name '*.py' | xargs wc -l | sort -rn | sed -n '2,11p'

clean:  ## remove everything generated, the keys in .lab too
	rm -rf $(VENV) .lab dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
