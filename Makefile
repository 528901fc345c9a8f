# Two commands do everything on a fresh Debian or Ubuntu: `make demo` and `make test`.

BIN := .venv/bin
ARGS ?=

.PHONY: setup browser setup-tests demo test lint bench

setup: ## the virtual environment from requirements.lock, and a browser where one can be had
	@scripts/setup.sh
	@scripts/browser.sh

browser: ## look for a browser again, after setup found none
	@rm -f .venv/.browser
	@scripts/browser.sh

demo: setup ## measure and rank a simulated fleet; `make demo ARGS=--once` ends by itself
	@$(BIN)/thuocdo demo $(ARGS)

setup-tests: setup ## programs and pages the integration tests meet: PostgreSQL, nginx, Prometheus, npm packages
	@scripts/setup_tests.sh

test: setup-tests ## all tests
	$(BIN)/pytest tests/unit
	$(BIN)/pytest tests/integration

lint: setup ## formatting, rules, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-tests ## side by side with peers; results in benchmarks/out
	@set -e; for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" $(ARGS); done
