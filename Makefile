# The daily verbs of line 1420. `make run` and `make test` set up for themselves what a Debian 12 machine lacks.
SHELL := /bin/sh
PY := .venv/bin/python

.PHONY: help run test test-all check demo dial prompts refold check-line reconcile bench administrator lock clean setup setup-test setup-demo

help: ## What can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:
	@asterisk_conf/stage/setup.sh run

setup-test:
	@asterisk_conf/stage/setup.sh test
	@$(PY) -m asterisk_conf.prompts

run: setup ## Start the line: installs what is missing, prints where to click and what to dial, Ctrl-C ends it
	@exec $(PY) -m asterisk_conf.stage.run

test: setup-test check ## The default suite on real Asterisk, PostgreSQL, Chromium; ARGS=tests/unit/ivr runs a part
	@exec $(PY) -m $(if $(ARGS),pytest -q -m "not slow" $(ARGS),tests.suite)

test-all: setup-test check ## Everything, long tests included (more than an hour); ARGS=tests/load runs a part
	@exec $(PY) -m $(if $(ARGS),pytest -q $(ARGS),tests.suite --all)

check: ## Lint, types and floors, in seconds
	@.venv/bin/ruff check -q .
	@.venv/bin/ruff format --check -q .
	@.venv/bin/lint-imports --no-logo >/dev/null || .venv/bin/lint-imports
	@.venv/bin/basedpyright --level error >/dev/null || .venv/bin/basedpyright --level error

setup-demo:
	@asterisk_conf/stage/setup.sh demo

demo: setup-demo ## While the line runs: robot operators and callers over SIP; ARGS="--minutes 10" for longer
	@exec $(PY) -m asterisk_conf.stage.demo $(ARGS)

dial: ## Walk the voice menu in this terminal
	@exec $(PY) -m agi_scripts.dial

prompts: ## Make the spoken prompts and tell which are still synthetic
	@exec $(PY) -m asterisk_conf.prompts

refold: ## Rebuild all call records from the ledger and prove that they are equal
	@exec $(PY) -m asterisk_conf.stage.within $(PY) -m api.ledger.refold

check-line: ## Was anything lost? ARGS="--since 1405-09-01 --until 1405-09-02"; default today
	@exec $(PY) -m tests.faults.checker $(ARGS)

reconcile: ## Compare a day's ledgers with what was stored; ARGS="--day 1405-09-01", default yesterday
	@exec $(PY) -m asterisk_conf.stage.within $(PY) -m api.processes.reconcile $(ARGS)

bench: setup-test ## What our software costs beside a bare dialplan, into docs/bench.md; ARGS=--quick for a look
	@exec $(PY) -m tests.bench $(ARGS)

administrator: ## An administrator's account, or a new password for it: make administrator NAME=sara
	@exec $(PY) -m asterisk_conf.stage.within $(PY) -m api.processes.administrator $(NAME)

lock: ## Write requirements.lock anew after a change of pyproject.toml
	@uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock

clean: ## Remove what was built here; with VAR=yes also var/: every call, recording and secret of this line
	@if [ -e var/run.lock ] && ! flock -n var/run.lock true; then echo "a line runs in var/; stop it first"; exit 1; fi
	@rm -rf .venv api/web/node_modules api/web/static
	@if [ "$(VAR)" = yes ]; then rm -rf var; elif [ -d var ]; then echo "var/ stays: make clean VAR=yes removes it"; fi
