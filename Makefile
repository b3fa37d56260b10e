# Needs make, git and Python 3.11+; installs all else into .venv and ~/.cache/wsi-streamer. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# Tests run in this many processes: one of them mostly waits for a cluster.
JOBS ?= 3
# More words for pytest or the benchmarks: make test ARGS="tests/unit -k tile"
ARGS ?=
# make run: a free port, and your own storage instead of the samples.
PORT ?= 3000
S3 ?=
ENDPOINT ?=

# make images: a prefix that ends in /, and what the builder shall be told.
ENGINE ?= $(shell command -v podman || command -v docker)
REGISTRY ?=
VERSION ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
BUILD_ARGS ?=
LABELS = $(if $(findstring podman,$(ENGINE)),--format docker) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null)

VIEWER := services/viewer
STATIC := services/wsi_streamer/web/static
NPM := $(BIN)/python -m tests.support.npm
VIEWER_FILES := $(shell find $(VIEWER) -name node_modules -prune -o -type f -print 2>/dev/null)
# A stamp without the build beside it means nothing.
ifeq ($(wildcard $(STATIC)/*),)
$(shell rm -f $(VIEWER)/node_modules/.built)
endif

.PHONY: help install viewer run test test-cluster images check bench lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed  ## make .venv with everything, pinned and hashed

viewer: $(VIEWER)/node_modules/.built  ## build the page of the viewer

run: install viewer  ## sample slides in a real bucket, served at http://localhost:3000 (PORT=, S3=s3://bucket, ENDPOINT=)
	@exec $(BIN)/python -m tests.demo --port '$(PORT)' --s3 '$(S3)' --endpoint '$(ENDPOINT)'

test: install viewer  ## all tests, on real parts (ARGS="tests/unit -k tile", JOBS=3)
	@$(BIN)/python -m tests.prepare
	@$(if $(ARGS),,$(NPM) run test)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations 20 $(ARGS)

test-cluster: install viewer  ## the cluster tests on your own cluster (KUBECONFIG=, WSI_TEST_IMAGE= and WSI_TEST_OPERATOR_IMAGE= that it can pull)
	@$(if $(KUBECONFIG),,$(error Name the cluster: make test-cluster KUBECONFIG=~/.kube/config))
	@WSI_TEST_KUBECONFIG='$(KUBECONFIG)' $(BIN)/python -m tests.prepare
	@WSI_TEST_KUBECONFIG='$(KUBECONFIG)' $(BIN)/python -m pytest --durations 10 $(or $(ARGS),tests/cluster)

images: viewer  ## build both images with podman or docker (ENGINE=, REGISTRY=, VERSION=, BUILD_ARGS="--build-arg BASE_IMAGE=...")
	$(ENGINE) build -f services/Dockerfile -t $(REGISTRY)wsi-streamer:$(VERSION) $(LABELS) $(BUILD_ARGS) .
	$(ENGINE) build -f operator/Dockerfile -t $(REGISTRY)wsi-streamer-operator:$(VERSION) $(LABELS) $(BUILD_ARGS) .

check: install $(VIEWER)/node_modules/.installed  ## linters, formatting, types, layer rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run check

bench: install viewer  ## speed, beside yardsticks and a peer (PEER=url, ARGS="--patterns viewports --quick")
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

lock: install  ## write the lock files anew (UPGRADE=1: with the newest versions)
	@for group in dev tiles indexer server operator build; do \
		echo "requirements-$$group.txt"; \
		if [ $$group = dev ]; then inputs="pyproject.toml"; else inputs="-c requirements-dev.txt"; fi; \
		$(BIN)/uv pip compile $$inputs --group $$group --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --quiet $(if $(UPGRADE),--upgrade) --output-file requirements-$$group.txt; \
	done

.PHONY: charts
charts: install  ## write the charts' READMEs and the instance's values schema anew
	@$(BIN)/python -m tests.support.chart_files

clean:  ## remove .venv, the viewer's build and the caches of tools (not ~/.cache/wsi-streamer)
	rm -rf .venv $(STATIC) $(VIEWER)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

# Two stamps: editing pyproject.toml must not look at a hundred packages again.
.venv/.locked: requirements-dev.txt
	@$(if $(PYTHON),,$(error Python 3.11 or newer is needed and not on the PATH))
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "Making .venv with $(PYTHON)"; \
		rm -rf .venv; \
		$(PYTHON) -m venv .venv >/dev/null 2>&1 || { \
			rm -rf .venv; \
			if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
				echo "This Python has no venv module. On Debian: apt-get install python3-venv" >&2; exit 1; \
			fi; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qqy python3-venv; \
			$(PYTHON) -m venv .venv; \
		}; \
	fi
	@echo "Installing $$(grep -c == $<) pinned packages into .venv (half a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VIEWER)/node_modules/.installed: $(VIEWER)/package.json $(VIEWER)/package-lock.json | .venv/.installed
	@echo "Installing the viewer's packages"
	@$(NPM) ci --no-audit --no-fund
	@touch $@

$(VIEWER)/node_modules/.built: $(VIEWER)/node_modules/.installed $(VIEWER_FILES)
	@echo "Building the viewer"
	@$(NPM) run build
	@touch $@
