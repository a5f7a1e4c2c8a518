# Two commands do all the set-up: `make demo` and `make test`. Only Python 3.11+, make and a package index are needed.
# Every path is relative, so that a checkout in a folder with a space in its name works too.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo test lint browser pictures planted bench peers build clean soak fleets days fuzz
.DEFAULT_GOAL := help

help:
	@echo 'make demo   see the main job, narrated, on the embedded sandbox'
	@echo 'make test   run all tests'
	@echo 'make lint   ruff, mypy, and whether what is derived is fresh'
	@echo 'make browser  look at the HTML plan in a real Chromium'
	@echo 'make pictures  take the pictures of the docs anew'
	@echo 'make planted  plant bugs in a copy: do the tests find each of them?'
	@echo 'make bench  run the benchmarks; `make peers` installs the tools that they are compared with'
	@echo 'make soak   play random schedules of faults, SECONDS_TO_SOAK=300 long'
	@echo 'make fleets the same for fleets with several workers, SECONDS_TO_SOAK=300 long'
	@echo 'make days   live DAYS=1000 simulated days of drift on a schedule for each of SEEDS=10 seeds'
	@echo 'make fuzz   validate mutated manifests, SECONDS_TO_FUZZ=300 long'
	@echo 'make build  build the wheel'
	@echo 'make clean  remove the environment and everything that was built'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'reconciler needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# The npm packages that tests run live in the environment too, without scripts of theirs; Node.js itself comes from PyPI.
$(VENV)/.installed-test: pyproject.toml .github/npm.txt | $(VENV)/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@$(PY) -m tests.editors.install .github/npm.txt $(VENV)/npm
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	@$(PY) -m reconciler demo

test: $(VENV)/.installed-test
	@$(PY) -m pytest -n auto --dist worksteal --ignore tests/browser

# A real Chromium: the system's, installed where that can be done without asking; Playwright drives it.
$(VENV)/.installed-browser: pyproject.toml .github/npm-browser.txt $(VENV)/.installed-test
	@$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[test,browser]'
	@$(PY) -m tests.browser.bundles .github/npm-browser.txt $(VENV)/npm-browser
	@touch $@

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		sudo=; test "$$(id -u)" = 0 || sudo='sudo -n'; \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium >/dev/null; } \
		|| { echo 'Chromium is missing and could not be installed: install the package `chromium`' >&2; exit 1; }

browser: chromium $(VENV)/.installed-browser
	@$(PY) -m pytest -q tests/browser

pictures: chromium $(VENV)/.installed-browser
	@$(PY) -m tests.browser.pictures docs

lint: $(VENV)/.installed-test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m reconciler schema build --check
	@$(PY) -m reconciler explain --page docs/rules.md --check

planted: $(VENV)/.installed-test
	@$(PY) -m tests.planted

bench: $(VENV)/.installed-test
	@$(PY) -m benchmarks

peers: $(VENV)/.installed-test
	@$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@npm install --no-fund --no-audit --silent --prefix $(VENV)/peers ajv-cli@5 ajv-formats@3

# Random schedules of faults for so many seconds: make soak SECONDS_TO_SOAK=3600
SECONDS_TO_SOAK := 300

soak: $(VENV)/.installed-test
	@$(PY) -m tests.simulation.soak --seconds $(SECONDS_TO_SOAK) --jobs 2 --seed $${SEED:-$$(date +%s)00000}

# The same for fleets with several workers: make fleets SECONDS_TO_SOAK=3600
fleets: $(VENV)/.installed-test
	@$(PY) -m tests.simulation.fleet_soak --seconds $(SECONDS_TO_SOAK) --seed $${SEED:-$$(date +%s)}

# Drift on a schedule, with a person in the dashboard, for so many simulated days: make days DAYS=1000 SEEDS=10 SEED=1
DAYS := 1000
SEEDS := 10

days: $(VENV)/.installed-test
	@$(PY) -m tests.simulation.days --days $(DAYS) --seeds $(SEEDS) --seed $${SEED:-$$(date +%s)}

# Mutated manifests for so many seconds: make fuzz SECONDS_TO_FUZZ=3600
SECONDS_TO_FUZZ := 300

fuzz: $(VENV)/.installed-test
	@$(PY) -m tests.fuzz --seconds $(SECONDS_TO_FUZZ) --seed $${SEED:-$$(date +%s)}

build: $(VENV)/.installed-test
	@$(PY) -m build --wheel

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
