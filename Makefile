# Everything is set up in .venv from pyproject.toml; nothing has to be installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test deep fuzz lint types docs pictures site check parity truth bench clean
.DEFAULT_GOAL := test

setup: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed"; echo "hint: make PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/pip || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); } || { echo "hint: sudo apt-get install python3-venv"; exit 2; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	@sh fixtures/demo.sh $(BIN)

# What completion offers is asked of bash, zsh and fish; tests of a shell that is not installed are skipped.
# make test GIT=/folder/with/git: with another git than the first on PATH; GIT_DEFAULT_REF_FORMAT=reftable make test, too.
test: $(STAMP)
	$(if $(GIT),PATH="$(abspath $(GIT)):$$PATH") $(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

# The long trials at full size: concurrency, kills, failing calls, bombs, every setting by itself, every law with 20,000
# examples, and whether the package index has wheels for all.
deep: $(STAMP)
	BACKPORTQ_DEEP=1 $(BIN)/python -m pytest tests/concurrency tests/faults tests/hostile tests/scale tests/model tests/test_packaging.py $(PYTEST_ARGS)
	BACKPORTQ_PARITY_HISTORIES=$(or $(HISTORIES),286) $(BIN)/python -m pytest -n auto --dist worksteal tests/parity $(PYTEST_ARGS)

# make fuzz SECONDS=1800: so long in all, shared among the readers of what strangers write.
SECONDS ?= 1800
FUZZED := toml tags config documents mail ranges texts owners commit
fuzz: $(STAMP)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,fuzz]'
	@for target in $(FUZZED); do \
	  mkdir -p .fuzz/$$target && \
	  $(BIN)/python -m tests.fuzz.run $$target .fuzz/$$target -max_total_time=$$(($(SECONDS) / $(words $(FUZZED)))) \
	    -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -artifact_prefix=.fuzz/$$target- || exit 1; \
	done

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

docs: $(STAMP)
	$(BIN)/python -m backportq.cli.docs.reference > docs/cli.md
	$(BIN)/python -m backportq.cli.docs.manual_page > docs/man/git-backportq.1
	$(BIN)/python -m backportq.cli.docs.queue_format docs/queue-format.md
	$(BIN)/python -m backportq.cli.docs.completion docs/completion

# What is on the pictures is run: terminal and board are kept in docs/pictures, the report is photographed for the site
# where there is Chromium.
pictures: $(STAMP)
	$(BIN)/python -m tests.pictures.make docs/pictures

# The documents as a site, in build/site; a test makes it too, and fails on a warning.
site: $(STAMP)
	$(BIN)/python -m tests.pictures.make docs/pictures --report
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/site
	@echo "build/site/index.html"

check: lint types test

# What is known of real histories: make truth DATA=/path/to/the/tables REPO=/path/to/xen.git FORGES=/folder/with/astropy.git
# HAPROXY=/path/to/haproxy.git; what is not given is skipped.
truth: $(STAMP)
	$(if $(REPO),BACKPORTQ_XEN=$(abspath $(REPO))) $(if $(FORGES),BACKPORTQ_FORGES=$(abspath $(FORGES))) \
	$(if $(HAPROXY),BACKPORTQ_HAPROXY=$(abspath $(HAPROXY))) BACKPORTQ_TRUTH=$(abspath $(DATA)) \
	$(BIN)/python -m pytest tests/truth tests/model/trailers/dialects/test_prose.py -s

# Trials against real cherry-picks: more random histories, and, with REPO=DIR, the backports of a real repository.
parity: $(STAMP)
	BACKPORTQ_PARITY_HISTORIES=$(or $(HISTORIES),120) BACKPORTQ_PARITY_REPO="$(REPO)" BACKPORTQ_PARITY_PAIRS="$(PAIRS)" \
	$(BIN)/python -m pytest -n auto --dist worksteal tests/parity

# Ratios measured in one run, over the backports of a real repository: make bench REPO=DIR
bench: $(STAMP)
	@test -n "$(REPO)" || { echo "error: REPO is missing"; echo "hint: make bench REPO=/path/to/a/clone"; exit 2; }
	$(BIN)/python -m bench.trials "$(REPO)" $(BENCH_ARGS)

clean:
	rm -rf $(VENV) .fuzz demo build dist .mypy_cache .ruff_cache .hypothesis *.egg-info
