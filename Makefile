# make demo  – set everything up and run the main job
# make test  – set everything up and run the tests
PYTHON ?= python3
VENV := .venv
export NO_MKDOCS_2_WARNING := 1
# Where it is set, each of the tests' many processes compiles all code again.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
STAMP := $(VENV)/.installed

.PHONY: demo test quick customer-sdk check types package release bench soak mutants render picture format docs site-check constraints clean
.DEFAULT_GOAL := test

# Only what the demo needs.
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --constraint constraints.txt --editable ".[sandbox,archives]"
	@touch $@

$(STAMP): $(VENV)/.ready
	$(PIP) --upgrade "pip>=25.1"
	$(PIP) --constraint constraints.txt --editable ".[all]" --group dev
	@touch $@

demo: $(VENV)/.ready
	$(BIN)/frontdesk demo

# One more than there are cores: tests of processes and of drops wait much of their time.
WORKERS = $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")
test: $(STAMP)
	$(BIN)/python -m pytest -q -n $(WORKERS)

# The tests that need no sockets, processes or simulated days.
QUICK := tests/actions tests/auth tests/codec tests/concurrency tests/core tests/models tests/pushes tests/spec
# … nor hundreds of random cases.
THOROUGH := *_anywhere.py *_control.py *_storm.py *_trips.py
quick: $(STAMP)
	$(BIN)/python -m pytest -q -n logical $(QUICK) $(addprefix --ignore-glob=,$(THOROUGH))

# LiveChat's own chat client, which a few tests run against the sandbox; they need npm.
customer-sdk:
	npm install --silent --no-save --prefix .node @livechat/customer-sdk@4.0.2

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python tools/check_docs_code.py
	$(BIN)/python -m tools.render --check
	$(BIN)/python -m tools.picture --check
	$(BIN)/python -m tools.report_picture --check
	$(BIN)/mkdocs build --strict --quiet
	$(MAKE) --no-print-directory package

# What type checkers of users see: every symbol of the installed package has a known type.
INSTALLED := build/installed
types: $(STAMP)
	rm -rf $(INSTALLED)
	$(PIP) --constraint constraints.txt --target $(INSTALLED) ".[all]"
	@PYTHONPATH=$(INSTALLED) $(BIN)/pyright --verifytypes frontdesk --ignoreexternal >build/types.txt \
		|| { grep -v "^   frontdesk" build/types.txt; exit 1; }

# What users install is all that is here, the texts of the demo company too, and it runs.
package: types
	diff --recursive --brief --exclude=__pycache__ src/frontdesk $(INSTALLED)/frontdesk
	PYTHONPATH=$(INSTALLED) $(BIN)/python -c "from frontdesk.sandbox import Sandbox; Sandbox().close()"

# Builds what a release publishes into dist/, and tries it on every Python that is here; publishes nothing.
# TRY="--python 3.12 --extras sandbox" tries less.
TRY ?=
release: $(STAMP)
	$(BIN)/python -m tools.release $(TRY)

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Long runs that come in parts without a clock of their own; the others want the machine to themselves.
SPLIT := tests/codec/test_damage_anywhere.py
PATIENT := --timeout 3600 --override-ini faulthandler_timeout=7200
soak: $(STAMP)
	$(BIN)/python -m pytest -q -n logical -m soak $(PATIENT) $(SPLIT)
	$(BIN)/python -m pytest -q -m soak $(PATIENT) $(addprefix --ignore ,$(SPLIT))

AREAS ?= core decoding upload auth
N ?= 300
SEED ?= 8
mutants: $(STAMP)
	$(BIN)/python tools/mutants.py $(AREAS) -n $(N) --seed $(SEED)

render: $(STAMP)
	$(BIN)/python -m tools.render

# The pictures of the README and of the home page, out of runs of the demo and of a report.
picture: $(STAMP)
	$(BIN)/python -m tools.picture
	$(BIN)/python -m tools.report_picture
	$(BIN)/python -m tools.console_picture

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP)
	$(BIN)/mkdocs build --strict

# Is any page wider than its screen? Needs Chromium.
site-check: docs
	$(BIN)/python tools/site_check.py site

constraints: $(STAMP)
	(echo "# The versions that the checks ran with; see \`make constraints\`."; $(BIN)/python -m pip freeze --exclude-editable | grep -v "^#") > constraints.txt

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
