# `make run` and `make test` prepare whatever is missing, then do it. `make help` lists the rest.
PYTHON ?=
ARGS ?=
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin

# One thread for linear algebra in each process: more only get in each other's way.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

# Sources are compiled once, not by each of the hundred processes that the tests start; `make clean` removes it.
unexport PYTHONDONTWRITEBYTECODE

# All of them run, so that one look shows everything that is wrong.
checks = for check in "ruff check --quiet --output-format=concise ." "ruff format --check --quiet ." "mypy --no-error-summary" "lint-imports --no-logo"; do \
	echo "$$check"; $(BIN)/$$check || { result=1; echo "$$check: see above" >&2; }; done

# All tests in as many processes as there are processors; with ARGS in one, which takes them.
# One that dies ends the run: pytest-xdist 3.8 would replace it, and then wait for ever.
all_tests := -q -n auto --maxprocesses 8 --dist loadgroup --max-worker-restart 0

.PHONY: run test soak lint format bench clean help
.DEFAULT_GOAL := help

run: ## open the laboratory; options and commands: make run ARGS="--help"
	@PYTHON="$(PYTHON)" sh bootstrap.sh run
	@$(BIN)/optiscope $(ARGS)

test: ## style, types, architecture and all tests
	@PYTHON="$(PYTHON)" sh bootstrap.sh test
	@result=0; $(checks); \
	$(BIN)/python -m pytest $(or $(ARGS),$(all_tests)) || result=$$?; \
	exit $$result

soak: ## the trials of reliability in full length
	@PYTHON="$(PYTHON)" sh bootstrap.sh test
	@$(BIN)/python -m pytest --full -m trial -v -o faulthandler_timeout=0 --timeout 7200 $(ARGS)

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
