# `make run` and `make test` prepare whatever is missing, then do it. `make help` lists the rest.
PYTHON ?=
ARGS ?=
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin

# One thread for linear algebra in each process: more only get in each other's way.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# All of them run, so that one look shows everything that is wrong.
checks = for check in "ruff check --quiet --output-format=concise ." "ruff format --check --quiet ." "mypy --no-error-summary" "lint-imports --no-logo"; do \
	echo "$$check"; $(BIN)/$$check || { result=1; echo "$$check: see above" >&2; }; done

# The tests of the window take as long as all others: they run beside each other. Those in the background
# cannot be interrupted by Ctrl+C, nor can what they start; so they are the ones that interrupt nothing.
# With ARGS there is one run, which takes them.
beside := $(ENVIRONMENT)/window-tests.txt
all_tests = $(BIN)/python -m pytest -q tests/app/test_window_*.py > $(beside) 2>&1 & window=$$!; \
	trap "kill $$window 2>/dev/null" INT TERM; \
	$(BIN)/python -m pytest -q --ignore-glob="*/test_window_*.py" || result=$$?; \
	wait $$window || result=$$?; cat $(beside)

.PHONY: run test lint format bench clean help
.DEFAULT_GOAL := help

run: ## open the laboratory; options and commands: make run ARGS="--help"
	@PYTHON="$(PYTHON)" sh bootstrap.sh run
	@$(BIN)/optiscope $(ARGS)

test: ## style, types, architecture and all tests
	@PYTHON="$(PYTHON)" sh bootstrap.sh test
	@result=0; $(checks); \
	$(if $(ARGS),$(BIN)/python -m pytest $(ARGS) || result=$$?,$(all_tests)); \
	exit $$result

lint: ## style, types and architecture only
	@PYTHON="$(PYTHON)" sh bootstrap.sh test
	@result=0; $(checks); exit $$result

format: ## write the code in the house's style
	@PYTHON="$(PYTHON)" sh bootstrap.sh test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: ## the figures to reach, as a table: make bench ARGS="--json figures.json"
	@PYTHON="$(PYTHON)" sh bootstrap.sh run
	@$(BIN)/python -m tests.benchmarks $(ARGS)

clean: ## remove the environment and everything that was made
	rm -rf $(ENVIRONMENT) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
