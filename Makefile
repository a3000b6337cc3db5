# Everything a newcomer needs: make run, make test. Works with only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# A process a core, up to four; each takes tests over from the others when it has none left.
PYTEST = $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

# Every distribution but seqgen itself, each in a folder of its own.
OTHERS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml examples/*/pyproject.toml))
# Those that build, train or differentiate a Keras model, in their own process or by the command line; not the
# pages that tests/docs runs, nor what needs a built wheel.
MODEL_TESTS := tests/training/test_backend.py tests/models/test_equivalence.py tests/models/test_recurrence.py \
	tests/models/test_regularisers.py tests/training/test_data_stream.py tests/training/test_trainer.py \
	tests/training/test_deadline.py tests/training/test_interrupt.py tests/training/test_steps_per_execution.py \
	tests/generation/test_keras_sampling.py tests/models/test_djmodel_example.py tests/training/test_augmentation.py \
	tests/runs/test_time_budget.py tests/runs/test_resume.py tests/cli/test_run.py \
	tests/report/test_report_end_to_end.py tests/generation/test_replay.py tests/domains/test_one_file_domain.py

.PHONY: run test test-jax test-jax-short test-torch test-wheels lint format docs wheels models clean

# Nothing is compiled but what is imported, a small part of TensorFlow.
.venv/installed: constraints.txt pyproject.toml $(addsuffix /pyproject.toml,$(OTHERS))
	@$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0]) if sys.version_info < (3, 11) else None"
	@echo "Setting up .venv: TensorFlow and the tools, 2.6 GB. This takes a few minutes, once."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --no-compile --constraint constraints.txt --editable '.[dev]' $(addprefix --editable ,$(filter plugins/%,$(OTHERS)))
	@$(BIN)/python -c "import pathlib; pathlib.Path('.venv/installed').touch()"
	@echo "Done. The programs are in $(BIN); activate them with: source $(BIN)/activate"

run: .venv/installed
	$(BIN)/seqgen run dinos
	$(BIN)/seqgen run jazz --generate

test: lint
	$(PYTEST)

# The built wheels in a new environment: without a backend, then with TensorFlow, and the tutorial on
# publishing, command by command.
test-wheels: wheels
	$(BIN)/python -m tests.helpers.wheels dist

# What an earlier build left behind would be packed too, so it goes first.
wheels: .venv/installed
	rm -rf dist build/lib build/bdist.* $(addsuffix /build,$(OTHERS))
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist . $(addprefix ./,$(OTHERS))
	rm -rf build/lib build/bdist.* $(addsuffix /build,$(OTHERS))

# The model's tests on Keras' other backends, which are installed beside TensorFlow. On Linux pip takes
# PyTorch's build for CUDA, some gigabytes, where no other was installed into .venv before.
test-jax test-torch: test-%: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$*]'
	KERAS_BACKEND=$* $(PYTEST) $(MODEL_TESTS)

# PyTorch's threads wait for one another at every small product, many times longer than it takes.
test-torch: export OMP_NUM_THREADS := 1

# The same in short, for a CI that has to be quick: two kills instead of ten, one run of the command line.
test-jax-short: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[jax]'
	SEQGEN_TEST_KILLS=2 KERAS_BACKEND=jax $(PYTEST) \
		tests/models/test_equivalence.py tests/models/test_recurrence.py \
		tests/training/test_trainer.py tests/runs/test_resume.py \
		tests/cli/test_run.py::test_stdout_holds_one_json_value_and_nothing_else \
		tests/cli/test_run.py::test_samples_do_not_depend_on_the_way_they_are_asked_for \
		-k "not forward_is_step or lstm-2 or gru-2"

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/installed
	$(BIN)/python docs/make_cli_reference.py
	$(BIN)/python docs/make_setting_types.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet  # to build/site

# The models that the plugins ship, trained anew on the data that they ship: two to five minutes.
# The same code, data and settings give the same bytes on the same machine.
models: .venv/installed
	rm -rf build/models
	for name in dinos jazz; do \
		$(BIN)/seqgen train $$name --out build/models/$$name && \
		cp build/models/$$name/model.safetensors plugins/$$name/seqgen_$$name/data/ || exit 1; \
	done

clean:
	rm -rf .venv runs build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
