# One command for each wish. A fresh Debian needs python3 (3.11+, with venv), make and git; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := src
WORKERS ?= 2

.PHONY: demo run test check fmt chaos bench fuzz search accuracy lock clean openapi docs messages

$(VENV)/.runtime: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	printf '%s\n' "$(CURDIR)/src" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/razao.pth"
	printf '#!%s\nfrom razao.config.command import main\n\nmain()\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/razao
	chmod +x $(BIN)/razao
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/.runtime  ## set everything up, run the main job on sample files, serve the site
	$(BIN)/python -m razao.config.command demo
	$(BIN)/python -m razao.config.command up

run: $(VENV)/.runtime  ## serve the site
	$(BIN)/python -m razao.config.command up

test: $(VENV)/.dev  ## all checks and all tests
	sh scripts/test-packages.sh
	$(MAKE) --no-print-directory check
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

fuzz: $(VENV)/.dev  ## damaged files for every parser, towards branches not reached yet: make fuzz MINUTES=5 [TARGET=pdf]; by chance alone with SEED=text; findings in build/fuzz
	PYTHONPATH=src:. nice -n 15 $(BIN)/python -m fuzz --minutes $(or $(MINUTES),1) $(if $(TARGET),--target $(TARGET)) $(if $(SEED),--seed $(SEED),--guided)

search: $(VENV)/.dev  ## every property with new random examples: make search EXAMPLES=1000
	RAZAO_SEARCH_EXAMPLES=$(or $(EXAMPLES),1000) $(BIN)/pytest -n $(WORKERS) --dist loadgroup -m hypothesis

check: $(VENV)/.dev  ## style, types, layers
	$(BIN)/ruff format --check src tests bench scripts fuzz
	$(BIN)/ruff check src tests bench scripts fuzz
	$(BIN)/lint-imports
	$(BIN)/mypy

fmt: $(VENV)/.dev
	$(BIN)/ruff format src tests bench scripts fuzz
	$(BIN)/ruff check --fix src tests bench scripts fuzz

chaos: $(VENV)/.dev  ## lives under faults, invariants checked after each: make chaos SEEDS=1000 FIRST=1
	$(BIN)/python -m tests.chaos --seeds $(or $(SEEDS),100) --first $(or $(FIRST),1)

bench: $(VENV)/.dev  ## every bench at its usual size; one: make bench NAME=billing
	$(BIN)/python -m bench $(NAME)

accuracy: $(VENV)/.runtime  ## fields right and invoices wholly right, by kind (CORPUS=folder)
	$(BIN)/python -m razao.capture.accuracy $(if $(CORPUS),--corpus $(CORPUS))

lock:  ## renew the lock files (needs uv)
	uv pip compile -q pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o requirements-dev.lock
	uv pip compile -q pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -c requirements-dev.lock -o requirements.lock
	uv pip compile -q pyproject.toml --extra s3 --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -c requirements-dev.lock -o requirements-s3.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

openapi: $(VENV)/.dev  ## renew the committed description of the API
	$(BIN)/python -m scripts.openapi

docs: $(VENV)/.dev  ## renew documents made from the code
	$(BIN)/python -m scripts.problem_list
	RAZAO_WRITE_DOCS=1 $(BIN)/pytest -q -n0 tests/security/test_matrix.py -k table_says

messages: $(VENV)/.dev  ## collect the texts of the interface into the catalogues
	$(BIN)/python -m scripts.messages
