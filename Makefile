# Everything a newcomer needs: make run, make test. Works with only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

.PHONY: run test lint format docs models clean

.venv/installed: constraints.txt pyproject.toml plugins/dinos/pyproject.toml plugins/jazz/pyproject.toml
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0]) if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]' --editable plugins/dinos --editable plugins/jazz
	$(BIN)/python -c "import pathlib; pathlib.Path('.venv/installed').touch()"

run: .venv/installed
	$(BIN)/seqgen run dinos
	$(BIN)/seqgen run jazz --generate

test: lint
	$(BIN)/python -m pytest

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/installed
	$(BIN)/python docs/make_cli_reference.py

# The models that the plugins ship, trained anew on the data that they ship: two to five minutes.
# The same code, data and settings give the same bytes on the same machine.
models: .venv/installed
	rm -rf build/models
	for name in dinos jazz; do \
		$(BIN)/seqgen train $$name --out build/models/$$name && \
		cp build/models/$$name/model.safetensors plugins/$$name/seqgen_$$name/data/ || exit 1; \
	done

clean:
	rm -rf .venv runs build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
