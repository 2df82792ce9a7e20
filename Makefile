.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLES := .venv-examples
BENCH_VENV := .venv-bench
PROGRAMS := .venv-programs
ARCHIVE_VENV := .venv-archive
PULUMI := .tools/pulumi
ACTIONLINT := .tools/actionlint
NODE := .tools/node
SDKS := sdks
PYTHON_SDK := .tools/python-sdk
YAML := .tools/yaml

# Tests of the host and of the CLI wait for processes and for time-outs more than they work.
WORKERS := $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# uv, like pip, is to trust whom the machine trusts; its older versions call it otherwise.
export UV_SYSTEM_CERTS := true
export UV_NATIVE_TLS := true

# Images of containers often forbid Python to keep bytecode. The tests start thousands of processes; each would compile
# the provider again.
export PYTHONDONTWRITEBYTECODE :=

$(VENV)/ready: pyproject.toml
	@echo "== Python packages, into $(VENV): about a minute"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(PULUMI)/ready: $(VENV)/ready tools/get_pulumi.py
	@echo "== The Pulumi CLI, into $(PULUMI)"
	$(BIN)/python tools/get_pulumi.py $(PULUMI)
	touch $@

# Pulumi's SDK for programs in JavaScript and TypeScript, which the tests of the plugin run.
$(NODE)/ready: tools/pulumi-cli/node/package.json
	mkdir -p $(NODE)
	cp tools/pulumi-cli/node/package.json $(NODE)
	npm install --prefix $(NODE) --no-package-lock --no-audit --no-fund --loglevel error
	touch $@

# The SDKs that the tests use; `make sdks` adds that of .NET, whose generator takes a minute more to build. The one for
# Python is installed with what it needs beside Pulumi's SDK. The example in Go is built and vetted once, so that the
# test of it need not compile Pulumi's SDK.
$(SDKS)/ready: $(VENV)/ready $(NODE)/ready tools/generate_sdks.py $(wildcard tools/pulumi-cli/engine/sdks/* examples/go/go.*) $(wildcard $(addprefix provider/launchdarkly_pulumi/,plugin/*.py model/fields.py core/settings.py))
	@echo "== The plugin's SDKs, into $(SDKS)"
	$(BIN)/python tools/generate_sdks.py $(SDKS) go nodejs python
	rm -rf $(PYTHON_SDK)
	$(BIN)/uv --quiet pip install --python $(BIN)/python --target $(PYTHON_SDK) --no-deps ./$(SDKS)/python parver arpeggio attrs
	rm -rf $(SDKS)/python/build $(SDKS)/python/*.egg-info
	cd examples/go && GOWORK=off go build -buildvcs=false -o ../../.tools/go-example . && GOWORK=off go vet . example.com/pulumi-launchdarkly-big-segments/...
	touch $@

$(YAML)/ready: $(wildcard tools/pulumi-cli/yaml-host/*)
	@echo "== The language host for YAML, into $(YAML)"
	mkdir -p $(YAML)
	cd tools/pulumi-cli/yaml-host && GOWORK=off go build -o ../../../$(YAML) github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml
	touch $@

$(ACTIONLINT): tools/get_actionlint.sh
	sh tools/get_actionlint.sh $(CURDIR)/.tools

# A distribution whose name begins with pulumi- would slow each command of the tests down: these have an environment of their own.
$(EXAMPLES)/ready: $(VENV)/ready pyproject.toml examples/dynamodb-aws/requirements.txt examples/policy/policy-pack/requirements.txt
	$(BIN)/uv --quiet venv --clear --seed --python $(BIN)/python $(EXAMPLES)
	$(BIN)/uv --quiet pip install --python $(EXAMPLES)/bin/python --compile-bytecode --editable . $(patsubst %,--requirement %,$(filter %.txt,$^))
	touch $@

# What the programs of the engine's tests run in. Pulumi's CLI lists the packages in each command, so these are few;
# coverage is not among them, since it would take a third of each command's time. pip is installed, and not seeded, so
# that it gets bytecode.
$(PROGRAMS)/ready: $(VENV)/ready pyproject.toml
	$(BIN)/uv --quiet venv --clear --python $(BIN)/python $(PROGRAMS)
	$(BIN)/uv --quiet pip install --python $(PROGRAMS)/bin/python --compile-bytecode pip --editable '.[cli,emulator,socks]'
	touch $@

.PHONY: setup
setup: $(VENV)/ready $(PULUMI)/ready ## Get the virtual environment and the Pulumi CLI

.PHONY: sdks
sdks: $(SDKS)/ready ## Generate the plugin's SDKs for TypeScript, Python, Go and .NET into sdks/
	$(BIN)/python tools/generate_sdks.py $(SDKS) dotnet

.PHONY: demo
demo: setup ## Show the provider at work: real Pulumi commands against a local LaunchDarkly, no account needed
	$(BIN)/python tools/demo.py

.PHONY: test
test: setup lint $(EXAMPLES)/ready $(PROGRAMS)/ready $(SDKS)/ready $(ACTIONLINT) ## Lint, type-check and run all tiers of tests
	sh tools/get_redis.sh
	sh tools/get_node_sdk.sh $(CURDIR)/.tools/node-sdk
	$(BIN)/coverage erase
	PATH="$(CURDIR)/$(PULUMI):$(CURDIR)/$(PROGRAMS)/bin:$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) tests/unit tests/component tests/doors tests/host tests/plugin tests/engine tests/project
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: test-yaml
test-yaml: setup $(PROGRAMS)/ready $(YAML)/ready ## Run programs in YAML with the plugin: their language host is built first
	PATH="$(CURDIR)/$(YAML):$(CURDIR)/$(PULUMI):$(CURDIR)/$(PROGRAMS)/bin:$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/yaml_programs

.PHONY: unit
unit: $(VENV)/ready ## Run the pure tests alone, with few examples of each property: seconds
	$(BIN)/python -m pytest --quiet --hypothesis-profile=brief tests/unit

.PHONY: test-matrix
test-matrix: setup $(ACTIONLINT) ## Run the tests on the lowest and newest versions of the dependencies, with each Python there is
	sh tools/get_redis.sh
	sh tools/get_node_sdk.sh $(CURDIR)/.tools/node-sdk
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/nox

.PHONY: thorough
thorough: setup ## Give each property of the unit tests ten thousand examples
	$(BIN)/python -m pytest --numprocesses auto --hypothesis-profile=thorough tests/unit tests/component

.PHONY: mutate
mutate: $(VENV)/ready ## Look which small changes of the code no unit test notices (MUTATE=retry: of one module)
	nice -n 19 $(BIN)/python tools/mutate.py $(MUTATE)

# As users have it: what development needs makes Pulumi's host process slower, since deepdiff imports what it finds, and
# so do imports without bytecode, which uv leaves out unless told.
$(BENCH_VENV)/ready: $(VENV)/ready pyproject.toml
	$(BIN)/uv --quiet venv --clear --python $(BIN)/python --seed $(BENCH_VENV)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode '.[emulator]'
	touch $@

.PHONY: bench
bench: setup $(BENCH_VENV)/ready $(NODE)/ready $(YAML)/ready ## Measure speed, requests and growth, and write docs/performance.md (BENCH=--quick: a short look)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	PATH="$(CURDIR)/$(YAML):$(CURDIR)/$(PULUMI):$(CURDIR)/$(BENCH_VENV)/bin:$$PATH" PYTHONPATH=tools $(BENCH_VENV)/bin/python -m bench $(BENCH)

.PHONY: profile
profile: setup $(BENCH_VENV)/ready ## Account for the time of Pulumi's commands, by process and package, in docs/performance.md
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	PATH="$(CURDIR)/$(PULUMI):$(CURDIR)/$(BENCH_VENV)/bin:$$PATH" PYTHONPATH=tools $(BIN)/python -m bench.profiles

.PHONY: bench-builds
bench-builds: setup $(BENCH_VENV)/ready ## Compare the speed of this build with that of another commit (BASE=COMMIT)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	PATH="$(CURDIR)/$(PULUMI):$$PATH" PYTHONPATH=tools $(BENCH_VENV)/bin/python -m bench.builds $(BASE)

.PHONY: bench-plugin
bench-plugin: setup $(BENCH_VENV)/ready $(NODE)/ready $(YAML)/ready ## Measure the plugin beside the dynamic resource, and write that part of docs/performance.md (BENCH=--quick)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	PATH="$(CURDIR)/$(YAML):$(CURDIR)/$(PULUMI):$(CURDIR)/$(BENCH_VENV)/bin:$$PATH" PYTHONPATH=tools $(BENCH_VENV)/bin/python -m bench.plugin $(BENCH)

# moto's server is no part of what users install, so the bench itself runs with the Python of development.
.PHONY: bench-backends
bench-backends: setup $(BENCH_VENV)/ready ## Measure a create with Pulumi's file, S3 and Postgres backends, and write that part of docs/performance.md (BENCH=--quick)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	postgres=$$(sh tools/get_postgres.sh) && \
		PATH="$(CURDIR)/$(PULUMI):$(CURDIR)/$(BENCH_VENV)/bin:$$PATH:$$postgres" PYTHONPATH=tools $(BIN)/python -m bench.backends $(BENCH)

.PHONY: bench-fleet
bench-fleet: setup $(BENCH_VENV)/ready ## Measure examples/fleet beside one stack of another commit, and write that part of docs/performance.md (BENCH=--quick)
	$(BIN)/uv --quiet pip install --python $(BENCH_VENV)/bin/python --compile-bytecode --no-deps --reinstall .
	PATH="$(CURDIR)/$(PULUMI):$(CURDIR)/$(BENCH_VENV)/bin:$$PATH" PYTHONPATH=tools $(BENCH_VENV)/bin/python -m bench.fleet $(if $(BASE),--base $(BASE)) $(BENCH)

.PHONY: bench-sync
bench-sync: $(VENV)/ready ## Measure how the emulator writes big segments into a Redis
	sh tools/get_redis.sh
	PYTHONPATH=tools $(BIN)/python -m bench.sync

# What is installed there is packed: no more than the plugin needs.
$(ARCHIVE_VENV)/ready: $(VENV)/ready pyproject.toml
	$(BIN)/uv --quiet venv --clear --python $(BIN)/python $(ARCHIVE_VENV)
	$(BIN)/uv --quiet pip install --python $(ARCHIVE_VENV)/bin/python --compile-bytecode '.[archive]'
	touch $@

.PHONY: archive
archive: $(ARCHIVE_VENV)/ready ## Pack the plugin with its own Python into dist/, as Pulumi's engine downloads plugins
	$(BIN)/uv --quiet pip install --python $(ARCHIVE_VENV)/bin/python --no-deps --reinstall .
	$(ARCHIVE_VENV)/bin/python tools/archive.py dist

.PHONY: test-archive
test-archive: archive setup $(NODE)/ready ## Install the archive with Pulumi's CLI, and run a program with it
	PATH="$(CURDIR)/$(PULUMI):$$PATH" $(BIN)/python -m pytest tests/archive

.PHONY: docs
docs: reference ## Build the documentation into site/, every warning an error
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet -c docs . site

.PHONY: reference
reference: $(VENV)/ready ## Write docs/reference from the code
	$(BIN)/python tools/reference.py

.PHONY: pictures
pictures: setup ## Draw docs/pictures/preview.svg from a real preview
	PATH="$(CURDIR)/$(PULUMI):$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/picture.py

.PHONY: lint
lint: $(VENV)/ready ## Check style, spelling, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	for program in examples/*/__main__.py; do $(BIN)/mypy "$${program%__main__.py}" || exit 1; done

.PHONY: hooks
hooks: $(VENV)/ready ## Let git run the quick part of lint before each commit
	$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove everything that the targets made
	rm -rf $(VENV) $(EXAMPLES) $(PROGRAMS) $(BENCH_VENV) $(ARCHIVE_VENV) .nox .mutants .tools .demo $(SDKS) site .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
