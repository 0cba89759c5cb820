# make demo   everything from nothing to a rendered picture in the admin, on this machine
# make test   every check and test; needs no service, uses PostgreSQL when one answers; JOBS=1 for one test at a time
# make test-fast   in a minute and a half: what needs no Blender, no OpenCASCADE, no browser and no workers, on SQLite
# make coverage   all tests once more, and which lines of the program they ran; the pages of it lie in var/coverage
# make blender   Blender again: 5.2 where Python 3.13 is, else 4.5 with Python 3.11; BLENDER_PYTHON=/path/to/python chooses
# make test-blender   what renders once more, with that Blender; BLENDER=.venv-blender/blender for it as a program,
#                     BLENDER=/usr/bin/blender for another
# make fresh   the README's two commands on a bare Debian 12 and 13, as root; TESTS=test-fast RELEASES=trixie for less
# make lock   write requirements*.txt again from pyproject.toml; UPGRADE=1 takes the newest versions that it allows
# make translations   the texts of the program into locale/, and what is translated into the files that Django reads; needs gettext
# make api-schema   write docs/api/openapi.json again, after a change of the API that is meant
# make hooks   check each commit before it is made: ruff, djlint, codespell
# make vendor   fetch again the browser libraries that deploy/vendor/package-lock.json pins, and write down their SHA-256
# make screenshots   the pictures of docs/operators.md again, some minutes of rendering; NAMES="desk matrix" for some of them
# make swatches   the pictures of the finishes again, after a change of the studio or of a finish; a minute of rendering
# make faults   break a private installation at random for 600 s and look what is left; SECONDS=3600 SEED=7 for others
# make soak   for an hour 100,000 jobs by eight workers while things break, then a hundred GPUs with a million jobs waiting;
#             SECONDS=600 SEED=7 for others
# make hosts   eight hosts as network namespaces, with links that are cut; as root; EARLIER=COMMIT for a host of another release
# make mutations   2000 damaged CAD files through the contained reader, 200 hostile uploads to a web server;
#                  COUNT=5000 UPLOADS=1000 SEED=2 for more and others
# make containers   build the images and run docker-compose.yml from nothing to a picture; without Docker it says so and succeeds
# make docs   the documentation as pages with a search, in var/docs; a broken link stops it
# make release   check what a release needs and tag the version of config/settings.py with its section of the changelog
VENV := .venv
RUN := $(VENV)/bin/python
JOBS ?= 2
COUNT ?= 2000
BLENDER_VENV := .venv-blender
BLENDER_PROGRAM := $(BLENDER_VENV)/blender
DOCS_VENV := .venv-docs
BLENDER ?= $(BLENDER_VENV)/bin/python
SECONDS ?= 600
UPLOADS ?= 200
TESTS ?= test
SEED ?= 1
SIDE_BY_SIDE := --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Without bytecode each of the hundreds of processes of a test run would compile the program again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-dev demo test test-all test-sqlite test-postgresql test-fast test-blender coverage hooks \
	blender lock fresh containers docs release translations api-schema \
	lint lint-style lint-types lint-django lint-templates lint-spelling faults soak hosts mutations bench screenshots swatches vendor clean

help:
	@sed -n 's/^# //p' Makefile

install:
	@./setup

install-dev:
	@./setup --tests

blender:
	@./setup --blender

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
	$(VENV)/bin/djlint --check templates

lint-spelling:
	$(VENV)/bin/codespell

test: lint test-all
	@if git diff-index --quiet HEAD 2>/dev/null; then mkdir -p var && git rev-parse 'HEAD^{tree}' > var/tested; fi

test-all: install-dev
	$(RUN) -m tests.on_databases $(JOBS)

test-sqlite test-postgresql: install-dev
	RENDERDESK_TEST_DATABASES=$(@:test-%=%) $(RUN) -m tests.on_databases $(JOBS)

test-fast: install-dev
	$(RUN) -m pytest $(SIDE_BY_SIDE) -m "not (blender or browser or cluster or cad or slow)"

test-blender: export TEST_BLENDER = $(abspath $(BLENDER))
test-blender: export BLENDER_EXECUTABLE = $(TEST_BLENDER)
test-blender: install-dev $(filter $(BLENDER_VENV)/%,$(BLENDER))
	$(VENV)/bin/pytest $(SIDE_BY_SIDE) -m blender
	$(VENV)/bin/pytest tests/end_to_end/test_pipeline.py tests/end_to_end/test_film.py

$(BLENDER_VENV)/bin/python:
	@./setup --blender

$(BLENDER_PROGRAM): $(BLENDER_VENV)/bin/python install-dev
	@$(RUN) -c 'from tests import launcher; launcher.write("$(abspath $(BLENDER_PROGRAM))", "$(abspath $(BLENDER_VENV))/bin/python")'

coverage: install-dev
	rm -rf var/coverage && mkdir -p var/coverage
	$(RUN) -m coverage run -m tests.on_databases $(JOBS)
	$(RUN) -m coverage combine --quiet
	$(RUN) -m coverage html --quiet
	$(RUN) -m coverage report

lock: install-dev
	$(LOCK) --group run --output-file requirements.txt
	$(LOCK) --group s3 --constraint requirements.txt --output-file requirements-s3.txt
	$(LOCK) --group c2pa --constraint requirements.txt --output-file requirements-c2pa.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) --group telemetry --constraint requirements.txt --output-file requirements-telemetry.txt
	$(LOCK) --group blender --output-file requirements-blender.txt

translations: install-dev
	@command -v msgfmt >/dev/null || { echo "gettext is missing: apt-get install gettext"; exit 1; }
	$(RUN) manage.py makemessages --all --add-location file --no-obsolete --ignore 'tests/*' --ignore '.venv*' --ignore 'var/*'
	$(RUN) manage.py makemessages --all --domain djangojs --add-location file --no-obsolete --ignore 'tests/*' --ignore '.venv*' --ignore 'var/*' \
		--ignore '*/vendor/*' --ignore 'docs/*'
	$(RUN) manage.py compilemessages --ignore '.venv*'

api-schema: install-dev
	DJANGO_SETTINGS_MODULE=config.settings $(RUN) -m tests.rendering.api.schema

hooks: install-dev
	$(VENV)/bin/pre-commit install

faults: install-dev
	$(RUN) -m tests.faults --seconds $(SECONDS) --seed $(SEED)

soak: SECONDS := $(if $(filter file,$(origin SECONDS)),3600,$(SECONDS))
soak: install-dev
	$(RUN) -m tests.farm.soak --seconds $(SECONDS) --seed $(SEED)

hosts: install-dev
	$(RUN) -m tests.farm.hosts $(if $(EARLIER),--earlier $(EARLIER))

mutations: install-dev
	$(RUN) -m tests.media_assets.cad.mutations --count $(COUNT) --seed $(SEED)
	$(RUN) -m tests.rendering.desk.uploads --count $(UPLOADS) --seed $(SEED)

fresh:
	python3 -m tests.deploy.fresh --tests $(TESTS) $(if $(RELEASES),--releases $(RELEASES))

containers: install-dev
	$(RUN) -m tests.containers

$(DOCS_VENV)/installed: requirements-docs.txt | install
	@$(RUN) -m venv $(DOCS_VENV)
	@$(DOCS_VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@touch $@

docs: $(DOCS_VENV)/installed
	@NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --quiet && echo "The documentation is in var/docs. To look at it: python3 -m http.server --bind 127.0.0.1 --directory var/docs"

release:
	@$(RUN) deploy/release.py

vendor:
	deploy/vendor/vendor.sh

swatches:
	$(RUN) samples/make_swatches.py

screenshots: install-dev
	$(RUN) -m tests.screenshots $(if $(NAMES),--only $(NAMES))

bench: install-dev
	$(RUN) -m tests.benchmarks
	$(RUN) -m tests.benchmarks.cad

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
