# make run          serve on port 8080; PORT=9000 is another port, or any Twisted endpoint
# make test         the tests, but for those that take minutes
# make soak         those that take minutes; what they measure goes to docs/faults.csv
# make conformance  an echo through the production stack, on port 8080, for WebSocket suites
# make lint         style and types
# make docs         the documentation, to docs/_build/html
# make schema       the JSON Schema of the wire, to docs/wire.schema.json
# make bench        the benchmarks
# make plot         the benchmarks, drawn for the documentation: docs/benchmarks.svg, .txt
# make mutants      break the rules one by one: the tests must notice
# make wheel        the package, to dist/
# make constraints  pin the newest versions for development
# make clean        remove what the others made
#
# They need python3 (3.11 or newer; PYTHON= names another), make and a network.

PORT ?= 8080
PYTHON ?= python3
BIN := .venv/bin
DEV := --editable '.[test,lint,docs,bench]'
DESCRIPTION := pyproject.toml constraints.txt hatch_build.py $(wildcard roulette/web/*.[ch])

# pip does not show what a build says.
NOT_COMPILED := echo 'roulette is without its part in C, and slower: on Debian, apt-get install gcc python3-dev, then make clean'

# Pinned where pip builds packages too: pip before 25.3 looks there at the first name, later at the
# second. The path is relative since pip splits these values at spaces.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test soak conformance lint docs schema bench plot mutants wheel constraints clean

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile

run: .venv/run
	@exec $(BIN)/twistd --nodaemon --pidfile= roulette --port '$(PORT)'

test: .venv/dev
	@$(BIN)/python tests/needs.py
	$(BIN)/pytest -m 'not soak' --numprocesses 4 --dist loadfile --no-loadscope-reorder

soak: .venv/dev
	@$(BIN)/python tests/needs.py
	$(BIN)/pytest -m soak --record=docs/faults.csv
	$(BIN)/pytest -m 'not soak' --record=docs/faults.csv tests/faults

conformance: .venv/run
	@exec $(BIN)/python -m roulette.conformance --port '$(PORT)'

lint: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: .venv/dev
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html

schema: .venv/dev
	$(BIN)/python -m roulette.wire.schema > docs/wire.schema.json

bench: .venv/dev
	$(BIN)/python -m benchmarks

plot: .venv/dev
	mkdir -p build
	$(BIN)/python -m benchmarks --json build/benchmarks.json
	$(BIN)/python -m benchmarks.plot build/benchmarks.json docs

mutants: .venv/dev
	$(BIN)/python tests/mutants.py

wheel: $(BIN)/pip
	rm -rf dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*-abi3-* >/dev/null 2>&1 || $(NOT_COMPILED)

# Run it with the oldest Python that is supported: newer ones can install what that one can.
constraints: export PIP_CONSTRAINT :=
constraints: export PIP_BUILD_CONSTRAINT :=
constraints:
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/pip install --quiet $(DEV) editables
	echo '# Versions for development, written by `make constraints`.' > constraints.txt
	build/constraints/bin/pip freeze --exclude-editable >> constraints.txt

clean:
	rm -rf .venv build dist docs/_build node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f twisted/plugins/dropin.cache roulette/web/*.so

# Stamps: what is installed is installed again only when its description, or what is compiled of it,
# has changed.
.venv/run: $(DESCRIPTION) | $(BIN)/pip
	@echo 'Installing roulette into .venv'
	@$(BIN)/pip install --quiet --editable .
	@test -e roulette/web/_frames.abi3.so || $(NOT_COMPILED)
	@touch $@

.venv/dev: $(DESCRIPTION) | $(BIN)/pip
	@echo 'Installing roulette and what its development needs into .venv'
	@$(BIN)/pip install --quiet $(DEV)
	@test -e roulette/web/_frames.abi3.so || $(NOT_COMPILED)
	@touch $@ .venv/run

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "roulette needs Python 3.11 or newer, and $(PYTHON) is not that: name a newer one, as in make run PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module: on Debian, apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
