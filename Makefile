# Everything that README names. On a machine with Python 3.11, git, make and a compiler nothing else is needed:
# the first target that wants it makes .venv from requirements.lock, where every package has its hash.

BIN := .venv/bin
READY := .venv/.ready
#: What pytest gets besides: make test TESTS=tests/store ARGS=-x
TESTS ?=
ARGS ?=
#: How many processes run the tests at once: one for each core, at most four. make test WORKERS=0 ARGS=--pdb for one.
WORKERS ?= auto
#: The folder with the initdb and postgres of another version: make test-postgresql PGBIN=/usr/lib/postgresql/17/bin
PGBIN ?=
#: make lock UPGRADE=1 looks for newer versions too.
UPGRADE ?=

CAN_RUN := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
# The first Python here that is new enough; name another with make PYTHON=...
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	"$$each" -c '$(CAN_RUN)' 2>/dev/null && echo "$$each" && break; done)

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-postgresql check bench serve format lock clean system-packages

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

venv: $(READY) ## make .venv and install what requirements.lock says

$(READY): requirements.lock pyproject.toml
	@if ! "$(PYTHON)" -c '$(CAN_RUN)' 2>/dev/null; then \
		echo "Slidewire needs Python 3.11 or newer with its venv module; found: $$(python3 --version 2>&1)." >&2; \
		echo "Install it (Debian: apt-get install python3.11-venv), or name it: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi
	@echo "installing into .venv (once, a minute or two)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## one picture message from the API call to the phone's screen and the postback
	@$(BIN)/slidewire demo $(ARGS)

test: $(READY) system-packages ## every test (make test TESTS=tests/store ARGS=-x for some)
	@$(BIN)/pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=worksteal $(ARGS) $(TESTS)

test-postgresql: $(READY) system-packages ## what runs on PostgreSQL, with the server in the folder PGBIN and no other
	@test -n "$(PGBIN)" || { echo "which server? make test-postgresql PGBIN=/usr/lib/postgresql/17/bin" >&2; exit 1; }
	@"$(PGBIN)/postgres" --version
	@CI=true POSTGRES_BIN="$(PGBIN)" $(BIN)/pytest -m postgres --numprocesses=$(WORKERS) --maxprocesses=4 \
		--dist=worksteal $(ARGS) $(TESTS)

check: $(READY) ## format, lint, types, layers, completeness of docs and lock
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest --quiet tests/docs tests/test_layers.py tests/test_workplace.py

bench: $(READY) ## the benchmarks: one table, one JSON file
	@$(BIN)/slidewire bench $(ARGS)

serve: $(READY) ## a gateway with its console, a simulated carrier and a phone to look at, up until Ctrl-C
	@$(BIN)/slidewire playground $(ARGS)

format: $(READY) ## put the code into form and mend what the linter can mend
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

lock: $(READY) ## write requirements.lock anew from pyproject.toml (UPGRADE=1: newer versions too)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		$(if $(UPGRADE),--upgrade) --group dev pyproject.toml -o requirements.lock --python-version 3.11

clean: ## remove what make and the tools made, .venv too; never a database or its content
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist demo-output bench-output test-artefacts
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

system-packages:
	@scripts/system-packages
