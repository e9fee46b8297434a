# Everything a newcomer, a developer and CI need. `make help` lists it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help

help: ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Callsheet into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(STAMP) ## install everything into .venv

demo: $(STAMP) ## show the main job with invented data at http://127.0.0.1:8000 (PORT=…)
	@exec $(BIN)/callsheet demo

run: $(STAMP) ## start web, worker and scheduler against the real services named in .env
	@exec $(BIN)/callsheet run

check: $(STAMP) ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP) browser ## check, then unit, contract, integration and browser tests
	$(MAKE) check
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-quick: $(STAMP) ## only what needs no server and no browser
	$(BIN)/pytest -m "not integration and not e2e"

browser: $(STAMP) ## find or install a Chromium for the browser tests
	@$(BIN)/python tests/e2e/browser.py --install

chaos: $(STAMP) ## kill everything at random for minutes, and look whether a row is missing (SEED=…)
	$(BIN)/python -m tests.integration.chaos --seconds 240 --seed $(or $(SEED),1)

screenshot: $(STAMP) browser ## take the README's screenshot of the demo
	$(BIN)/python -m sandbox screenshot docs/demo.png

bench: $(STAMP) ## measure: time from `make demo` to the first row on screen
	$(BIN)/python bench/first_row.py

.PHONY: help setup demo run check format test test-quick browser chaos screenshot bench
