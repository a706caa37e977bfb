# Convene: one command per intent. `make help` lists them.
# Needs only make and a Python 3.11 or later that has pip; everything else goes into .venv and the user's cache.

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/convene
UV_HOME := $(CACHE)/uv-$(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt)
UV := $(UV_HOME)/bin/uv
BIN := .venv/bin
INSTALLED := .venv/installed
PROJECTS := $(wildcard services/*/pyproject.toml shared/*/pyproject.toml infra/*/pyproject.toml)
SOURCES := services shared infra tests conftest.py
TESTS := $(wildcard shared services infra tests/contract tests/e2e)

export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export UV_SYSTEM_CERTS ?= 1

.PHONY: soak openapi bench help run traces down test check demo chaos fix lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | awk -F'\t' '{printf "make %-8s %s\n", $$1, $$2}'

run: $(INSTALLED) ## run the platform on this machine: Kafka, MongoDB, mail catcher, issuer, all services
	@$(BIN)/convene up

traces: $(INSTALLED) ## run the platform with Zipkin beside it, and every trace on its page
	@$(BIN)/convene up --traces

down: $(INSTALLED) ## stop a running platform
	@$(BIN)/convene down

test: $(INSTALLED) ## run every test: unit, integration, contract, end to end
	@$(BIN)/pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder $(TESTS)

check: $(INSTALLED) ## lint, formatting, types, import rules, house rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pytest tests/contract/test_house.py

demo: $(INSTALLED) ## against a running platform: act a community out, and count that nothing was lost
	@$(BIN)/convene demo

chaos: $(INSTALLED) ## every fault of the matrix under load, on platforms of its own; the report is kept
	@$(BIN)/convene chaos --seed 1 --report docs/reports/chaos.md
	@$(BIN)/pytest --timeout=600 tests/chaos --ignore=tests/chaos/test_matrix.py

SEEDS ?= 1000000
STEPS ?= 1000000
JOBS ?= 1
soak: $(INSTALLED) ## the waitlist's machines for STEPS steps on JOBS cores, then the journal's model under SEEDS schedules (0: none)
	@$(BIN)/python -m services.events.tests.unit.waitlist_soak $(STEPS) --jobs $(JOBS)
	@[ $(SEEDS) -eq 0 ] || PYTHONPATH=shared/chassis/tests $(BIN)/python -m model.soak 0 $(SEEDS)

EXAMPLES ?= 100
openapi: $(INSTALLED) ## every API against its own description, on a platform of its own: EXAMPLES requests of each kind
	@OPENAPI_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -rP tests/e2e/test_openapi.py

bench: $(INSTALLED) ## measure the figures of docs/performance.md on platforms of its own, and write them there
	@$(BIN)/convene bench --publish docs

fix: $(INSTALLED) ## format, and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(UV) ## after changing dependencies: resolve again, write requirements/*.txt and install
	@python=$$(sh infra/python.sh) || exit 1; UV=$(UV) UV_PYTHON=$$python sh infra/lock.sh
	@$(MAKE) --no-print-directory $(INSTALLED)

clean: ## forget the local platform's data, and what tools cached
	@if [ -x $(BIN)/convene ]; then $(BIN)/convene down; fi
	@rm -rf .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# no prerequisite: its folder bears its version, and all checkouts of this user share it
$(UV):
	@python=$$(sh infra/python.sh) || exit 1; PYTHON=$$python sh infra/uv.sh $(UV_HOME)

$(INSTALLED): requirements/dev.txt $(PROJECTS) | $(UV)
	@[ -x $(BIN)/python ] || { python=$$(sh infra/python.sh) && $(UV) venv --quiet --python $$python .venv; }
	@echo "Installing the locked dependencies"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt \
	  || { echo "make: the dependencies could not be installed; check the network and try again." >&2; exit 1; }
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(foreach project,$(PROJECTS),-e $(dir $(project)))
	@touch $@
