# make study   set up everything and run the default study to results/digits/report.html
# make help    all targets

PYTHON ?= python3
# nproc counts no more than OMP_NUM_THREADS, which `make smoke` hands on to its `make study`.
CORES  ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || sysctl -n hw.ncpu)
STUDY  ?= digits
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := --universal --python-version 3.11 --no-header --no-annotate --quiet
# Snakemake sets the threads of each job; this is for everything else.
export OMP_NUM_THREADS = 1

.PHONY: help setup study smoke compare test lint rulegraph lock clean
.DEFAULT_GOAL := help

help:  ## show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 18

setup: $(VENV)/.ready  ## create the virtual environment from the lock file

study: $(VENV)/.ready  ## run a study: config/digits.yaml, or STUDY=<name of another file in config/>
	@# A progress bar per stage with the time left on a terminal, a line per job elsewhere.
	PYTHONPATH=workflow/logger $(BIN)/snakemake --cores $(CORES) --configfile config/$(STUDY).yaml \
		$$([ -t 1 ] && echo --logger minutes || echo --quiet rules reason host)

smoke:  ## run a tiny study through every rule
	@$(MAKE) --no-print-directory study STUDY=smoke

compare: $(VENV)/.ready  ## put finished studies side by side: STUDIES="digits smoke"
	@test -n "$(STUDIES)" || { echo 'Name two or more finished studies: make compare STUDIES="digits smoke"'; exit 2; }
	PYTHONPATH=workflow/scripts $(BIN)/python -m weightscape compare $(STUDIES)

test: $(VENV)/.ready-test lint  ## lint, check types, run all tests
	$(BIN)/python -m pytest --numprocesses $(CORES) --no-loadscope-reorder

lint: $(VENV)/.ready-test  ## check style, types and rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

rulegraph: $(VENV)/.ready  ## draw docs/images/rulegraph.svg (needs graphviz)
	$(BIN)/snakemake --rulegraph dot 2>/dev/null | dot -Tsvg > docs/images/rulegraph.svg

lock:  ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile $(LOCK) pyproject.toml -o envs/requirements.lock
	uv pip compile $(LOCK) -c envs/requirements.lock --extra test --extra slurm pyproject.toml -o envs/requirements-test.lock
	uv pip compile $(LOCK) -c envs/requirements.lock --extra slurm pyproject.toml -o envs/requirements-slurm.lock
	uv pip compile $(LOCK) -c envs/requirements.lock --extra text2image pyproject.toml -o envs/requirements-text2image.lock

clean:  ## remove the virtual environment and caches, not the results
	rm -rf $(VENV) .snakemake .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Try make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: envs/requirements.lock | $(VENV)/bin/python
	@echo "Installing the pinned packages into $(VENV) (about 2 minutes) …"
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(VENV)/.ready-test: envs/requirements-test.lock $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
