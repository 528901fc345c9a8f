# Two commands do everything on a fresh Debian or Ubuntu: `make demo` and `make test`.

BIN := .venv/bin
ARGS ?=
# Wherever it is forbidden, every process would compile the product anew.
export PYTHONDONTWRITEBYTECODE =
# Integration tests mostly wait: for deadlines, for the turn of a host, for a process to end. Six at a time keep two processors at work
# for three quarters of the time; eight cost half as much CPU again, because what is waited for goes on working, and end no sooner. The
# demo fills the machine, so it runs alone.
WORKERS ?= 6
# Some unit tests wait as well: one more than there are processors keeps these at work.
UNIT_WORKERS ?= $(shell expr $$(nproc) + 1)
# Seconds of CPU each (replays, properties, whole sites, rounds and command lines): they run beside what waits, so that the unit part keeps its minute.
REPLAYS := $(addprefix tests/unit/,$(addprefix incidents/test_,histories.py judging.py judge_process.py tallying.py) \
	processes/test_ranker.py backup/test_backup.py test_signs_of_life.py dashboards/test_provisioning.py \
	$(addprefix web/test_,rankings.py pages.py metrics.py operations.py) \
	$(addprefix score/test_,drawn_points.py hiding.py rank_sets.py typical_times.py scoring.py) \
	processes/test_looking.py cli sealing periods publication rounds treatment)

.PHONY: setup browser setup-tests setup-bench demo test test-long drill golden fuzz lint bench bench-scale

setup: ## the virtual environment from requirements.lock, and a browser where one can be had
	@scripts/setup.sh
	@scripts/browser.sh

browser: ## look for a browser again, after setup found none
	@rm -f .venv/.browser
	@scripts/browser.sh

demo: setup ## measure and rank a simulated fleet; `make demo ARGS=--once` ends by itself
	@$(BIN)/thuocdo demo $(ARGS)

setup-tests: setup ## programs and pages the integration tests meet: PostgreSQL, nginx, Prometheus, Alertmanager, blackbox_exporter, npm packages
	@scripts/setup_tests.sh

test: setup-tests ## all tests
	$(BIN)/pytest --numprocesses $(UNIT_WORKERS) $(addprefix --ignore=,$(REPLAYS)) tests/unit
	$(BIN)/pytest -m whole_machine tests/integration
	$(BIN)/pytest -m "not whole_machine" --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder tests/integration $(REPLAYS)

test-long: setup-tests ## whole galleries, many kills and long lives, of which `make test` takes a sample that changes by day and commit (SAMPLE_SEED=… repeats one)
	$(BIN)/pytest --whole -m sampled --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder tests/integration
	$(BIN)/pytest --whole -m "not sampled" $(addprefix tests/integration/test_,traps.py bad_pages.py barriers.py crash_safety.py endurance.py no_network.py) \
		tests/unit/rounds/test_any_sequence.py

drill: setup-tests ## portals and we ourselves fail before the real programs: what was told to whom, and whether that was right; as root, 15 minutes
	@$(BIN)/python -m benchmarks.drill $(ARGS)

golden: setup ## write anew what is made of the code: contracts, default schedule, pages of docs, alerts, dashboards; shows the diff
	$(BIN)/thuocdo alerts write --out dashboards
	$(BIN)/thuocdo grafana write --out dashboards/grafana
	$(BIN)/pytest --renew-golden --no-header -q tests/unit
	@git --no-pager diff --stat -- tests/unit docs schedules dashboards; git --no-pager diff -- tests/unit docs schedules

MINUTES ?= 60
SEED ?= 1
fuzz: setup ## throws what nobody should send at the HTTP reader, the runner and YAML, one after the other; MINUTES=… of each, SEED=…
	@for part in http_reader runner yaml; do echo "== $$part, seed $(SEED)"; \
	$(BIN)/python tests/fuzz/fuzz_$$part.py --minutes $(MINUTES) --seed $(SEED) || exit 1; done

lint: setup ## formatting, rules, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup-bench: setup ## the peers of the benchmarks: blackbox_exporter, Lighthouse, browsertime
	@scripts/setup_bench.sh

bench: setup-bench setup-tests ## side by side with peers, about 45 minutes; leave the machine alone meanwhile; results in benchmarks/out
	@broken=""; for file in benchmarks/bench_*.py; do name=$$(basename "$$file" .py); echo "== $$name"; \
	$(BIN)/python -m "benchmarks.$$name" $(ARGS) || broken="$$broken $$name"; done; \
	$(BIN)/python -m benchmarks.report; test -z "$$broken" || { echo "did not run to their end:$$broken" >&2; exit 1; }

bench-scale: setup-tests ## what everything costs as stores grow to a year and to 3,400 portals: hours, and 25 GB of disk meanwhile; ARGS=--quick tries it out in minutes
	@$(BIN)/python -m benchmarks.scale $(ARGS)
