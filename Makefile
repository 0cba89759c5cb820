# make demo   everything from nothing to a rendered picture in the admin, on this machine
# make test   every check and test; needs no service, uses PostgreSQL when one answers; JOBS=1 for one test at a time
# make test-fast   in a minute and a half: what needs no Blender, no OpenCASCADE, no browser and no workers, on SQLite
# make coverage   all tests once more, and which lines of the program they ran; the pages of it lie in var/coverage
# make blender   Blender 5.2 in a Python 3.13 of its own, which is used where this Python has no Blender
# make test-blender   the tests of blender_scripts once more, with that Blender; BLENDER=/usr/bin/blender for another
# make hooks   check each commit before it is made: ruff, djlint, codespell
# make vendor   fetch again the browser libraries that deploy/vendor/package-lock.json pins, and write down their SHA-256
# make screenshots   the pictures of docs/operators.md again, some minutes of rendering; NAMES="desk matrix" for some of them
# make faults   break a private installation at random for 600 s and look what is left; SECONDS=3600 SEED=7 for others
# make mutations   2000 damaged CAD files through the contained reader, 200 hostile uploads to a web server;
#                  COUNT=5000 UPLOADS=1000 SEED=2 for more and others
PYTHON ?= python3.11
VENV := .venv
RUN := $(VENV)/bin/python
JOBS ?= 2
COUNT ?= 2000
BLENDER_PYTHON ?= python3.13
BLENDER_VENV := .venv-blender
BLENDER_VERSION := 5.2.3
BLENDER ?= $(BLENDER_VENV)/bin/python
SECONDS ?= 600
UPLOADS ?= 200
SEED ?= 1
SIDE_BY_SIDE := --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder
PIP := $(VENV)/bin/pip install --quiet --disable-pip-version-check

# Without bytecode each of the hundreds of processes of a test run would compile the program again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-dev demo test test-all test-sqlite test-postgresql test-fast test-blender coverage hooks \
	blender \
	lint lint-style lint-types lint-django lint-templates lint-spelling faults mutations bench screenshots vendor clean

help:
	@sed -n 's/^# //p' Makefile

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: sudo apt-get install python3.11 python3.11-venv (or: make PYTHON=/path/to/python3.11 ...)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "$(PYTHON) is not Python 3.11, which bpy 4.5 needs: sudo apt-get install python3.11 python3.11-venv"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "venv is missing: sudo apt-get install python3.11-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what Renderdesk runs on (Blender is about 400 MB, the first time takes some minutes)"
	@$(PIP) -c constraints.txt -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt tests/node/package-lock.json $(VENV)/installed
	@echo "Installing what the tests need"
	@$(PIP) -c constraints.txt -r requirements-dev.txt
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/node || echo "npm failed; tests that need its packages are skipped"; fi
	@touch $@

install: $(VENV)/installed

install-dev: $(VENV)/installed-dev

$(BLENDER_VENV)/installed:
	@command -v $(BLENDER_PYTHON) >/dev/null || { echo "Python 3.13 is missing, which bpy 5.2 needs: sudo apt-get install python3.13 python3.13-venv (or: make blender BLENDER_PYTHON=/path/to/python3.13)"; exit 1; }
	@$(BLENDER_PYTHON) -m venv $(BLENDER_VENV)
	@$(BLENDER_VENV)/bin/pip install --quiet --disable-pip-version-check bpy==$(BLENDER_VERSION)
	@touch $@

blender: $(BLENDER_VENV)/installed

demo: install
	@exec $(RUN) manage.py demo

lint: install-dev
	@$(MAKE) --no-print-directory --jobs $(JOBS) lint-style lint-types lint-django lint-templates lint-spelling

lint-style:
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

lint-types:
	$(VENV)/bin/mypy

lint-django:
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py check --fail-level WARNING

lint-templates:
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/djlint --check --quiet templates

lint-spelling:
	$(VENV)/bin/codespell

test: lint test-all

test-all: install-dev
	$(RUN) -m tests.on_databases $(JOBS)

test-sqlite test-postgresql: install-dev
	RENDERDESK_TEST_DATABASES=$(@:test-%=%) $(RUN) -m tests.on_databases $(JOBS)

test-fast: install-dev
	$(RUN) -m pytest $(SIDE_BY_SIDE) -m "not (blender or browser or cluster or cad or slow)"

test-blender: install-dev $(if $(filter $(BLENDER_VENV)/%,$(BLENDER)),blender)
	TEST_BLENDER=$(abspath $(BLENDER)) $(VENV)/bin/pytest tests/blender_scripts

coverage: install-dev
	rm -rf var/coverage && mkdir -p var/coverage
	$(RUN) -m coverage run -m tests.on_databases $(JOBS)
	$(RUN) -m coverage combine --quiet
	$(RUN) -m coverage html --quiet
	$(RUN) -m coverage report

hooks: install-dev
	$(VENV)/bin/pre-commit install

faults: install-dev
	$(RUN) -m tests.faults --seconds $(SECONDS) --seed $(SEED)

mutations: install-dev
	$(RUN) -m tests.media_assets.cad.mutations --count $(COUNT) --seed $(SEED)
	$(RUN) -m tests.rendering.desk.uploads --count $(UPLOADS) --seed $(SEED)

vendor:
	deploy/vendor/vendor.sh

screenshots: install-dev
	$(RUN) -m tests.screenshots $(if $(NAMES),--only $(NAMES))

bench: install-dev
	$(RUN) -m tests.benchmarks
	$(RUN) -m tests.benchmarks.cad

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
