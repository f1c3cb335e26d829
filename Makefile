# Everything a person types. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help install demo test lint bench performance memory-day calibration-trial delay soak morning two-days county-load start-cost screen-cost store-cost screenshot decision-table fail-safe prompts rig rig-power rig-install arm64-test deb deb-check deb-try train lock clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 12

install: $(VENV)/.installed ## make .venv with everything in it, from the lock

$(VENV)/.installed: requirements.lock setup.py tools/install.sh
	@PYTHON=$(PYTHON) tools/install.sh $(VENV)

demo: install ## the whole way on this machine: a simulated gate, its sync, a county (DEMO_SECONDS=40 stops by itself)
	@$(BIN)/foregate demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

test: lint ## all tests that need no guest
	@tools/chromium.sh
	@tools/postgres.sh
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: install ## style, types and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install ## detector and readings on the recordings; what the service costs (SAVE=f, COMPARE=f, PARTS="cost delay …|all")
	$(BIN)/python -m tools.bench
	@$(BIN)/python -m tools.performance $(if $(PARTS),--parts $(PARTS)) $(if $(SAVE),--save $(SAVE)) $(if $(COMPARE),--compare $(COMPARE))

performance: install ## of these what the service costs alone, written to docs/performance.md (PARTS=all takes hours)
	@$(BIN)/python -m tools.performance $(if $(PARTS),--parts $(PARTS)) --save docs/performance.json --page docs/performance.md \
	    $(if $(COMPARE),--compare $(COMPARE)) $(foreach one,$(FROM),--from $(one))

memory-day: install ## resident memory of a gate over 24 simulated hours
	@$(BIN)/python -m tools.memory_day

calibration-trial: install ## 100 simulated sensors with hidden faults, calibrated and put to the proof (SENSORS=n)
	@$(BIN)/python -m tools.calibration_trial $(if $(SENSORS),--sensors $(SENSORS))

delay: install ## from the frame that decides to the relay, 10,000 people, with viewers, a backlog and reports going on (PEOPLE=n)
	@$(BIN)/python -m tools.bench_delay $(if $(PEOPLE),--people $(PEOPLE))

soak: install ## a day of 70,000 frames and 3,000 people through a whole gate: shutter, camera unplugged, viewers, backlog
	@$(BIN)/python -m tools.soak

morning: install ## 1,160 people in 30 minutes through gates, sync and county, and whether it all adds up
	@$(BIN)/python -m tools.morning

two-days: install ## two schools' days through gates, sync, county and Chromium, every number checked (FOLDER=f keeps the pictures)
	@tools/chromium.sh
	@$(BIN)/python -m tools.two_days $(if $(FOLDER),--folder $(FOLDER))

county-load: install ## 35 gates and a 30-day outage of 10 of them against a real county, on SQLite and on PostgreSQL; does it add up, how fast
	@tools/postgres.sh
	@$(BIN)/python -m tools.county_load --database sqlite
	@$(BIN)/python -m tools.county_load --database postgresql

screen-cost: install ## what the guard's page costs the gate's processor, with nobody, one and 20 viewers
	@$(BIN)/python -m tools.screen_cost

start-cost: install ## processor time from start to ready, memory of gate and sync, and whether they keep their limits
	@$(BIN)/python -m tools.start_cost

store-cost: install ## bytes that the records' file writes to the card, per person and per day
	@$(BIN)/python -m tools.store_cost

screenshot: install ## take the README's picture of the guard's screen anew
	@$(BIN)/python -m tools.screenshot docs/images/screen.png

decision-table: install ## write docs/decision-table.md anew from the code
	$(BIN)/python -m tools.decision_table docs/decision-table.md

fail-safe: install ## write docs/fail-safe.md anew from the code
	$(BIN)/python -m tools.fail_safe docs/fail-safe.md

prompts: install ## make the spoken prompts anew from edge/core/texts.py (needs espeak-ng)
	@$(BIN)/python -m tools.make_prompts

rig: ## prove cameras, readers, lines and services in the Debian guest of ../shared/rig (slow; RIG=folder names another one)
	@tools/rig.sh

rig-power: ## of these only the power cuts at random moments (CUTS=100 of the disk, BOOTS=5 of the plug, SEED=1)
	@tools/rig.sh host_power_cuts

rig-install: install ## packages on an empty board in the guest: first person, watchdog, PLUGS=5 power cuts, upgrade and back, purge
	@tools/rig.sh host_install

arm64-test: install ## the tests that need no browser and no guest, in the rig's 64-bit Arm userland (TESTS="tests/core" for some; slow)
	@tools/arm64.sh $(TESTS)

deb: install ## Debian packages of gate and county, wheels inside, into dist/ (ARCH=arm64 PACKAGE=foregate for one of them)
	@$(BIN)/python -m tools.deb dist $(if $(ARCH),--arch $(ARCH)) $(if $(PACKAGE),--package $(PACKAGE))

deb-check: ## what Debian's lintian says of the packages in dist/, and how exposed systemd finds their services
	@tools/deb_check.sh

deb-try: ## the packages of dist/ on an empty Debian 13 without a network: people decided, removed, purged (SUITE=bookworm ARCH=arm64)
	@tools/deb_try.sh $(or $(SUITE),trixie) $(or $(ARCH),amd64)

train: ## both face networks anew, held-out ones and those that ship, from ../shared/thermal (hours; STEPS=n of each step)
	@tools/train.sh $(STEPS)

lock: install ## resolve the dependencies anew
	$(BIN)/uv pip compile setup.py --all-extras --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-emit-index-url --no-header --no-annotate -o requirements.lock

clean: ## remove what was installed or built
	rm -rf $(VENV) build dist *.egg-info
