# Needs Rust (stable), Node 20 and make. `scripts/tools.sh` says what else is missing and, as root on Debian, installs it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Labelled questions and messages; they are not part of the project (`examples/eval_retrieval.rs` says what they look like).
DATA ?= ../shared/data

# npm writes this file at the end of an installation.
NODE_MODULES := node_modules/.package-lock.json

.PHONY: help run cluster web model check test eval kills faults bench bench-cluster protocol

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: web ## Build everything and start the hub with the demo site (ARGS="--config FILE")
	@scripts/model.sh || echo "no search model: Baton searches by words alone, and says so" >&2
	cargo build --locked --release --bin baton
	./target/release/baton serve --demo $(ARGS)

cluster: web ## Build everything and start three nodes with PostgreSQL, Redis and HAProxy on this machine
	@scripts/tools.sh cluster
	cargo build --locked --release --bin baton
	@scripts/cluster.sh

web: $(NODE_MODULES) ## Build the widget and the console
	npm run build

model: ## Fetch the small language model that knowledge is searched with (23 MB, pinned by checksum)
	@scripts/model.sh

check: $(NODE_MODULES) ## Format, lints, types, drift and unit tests: what to run before each commit
	@scripts/check.sh

test: ## Everything: check, all Rust tests, conformance, API and browser tests (.ci/run)
	@scripts/tools.sh test
	@scripts/model.sh
	@$(MAKE) --no-print-directory web
	@scripts/test.sh

eval: model ## Measure answers and detectors on labelled data, and fail below the floors (DATA=folder)
	cargo run --locked --release --example eval_retrieval -- $(DATA)
	cargo run --locked --release --example eval_retrieval -- $(DATA) --words
	cargo run --locked --release --example eval_detectors -- $(DATA)

kills: ## Kill the server 500 times under load, and cut its power (Linux, root; BATON_KILLS=N)
	BATON_KILLS=$${BATON_KILLS:-500} BATON_POWER_CUT=required cargo test --locked --test kill

faults: ## Let every part of an installation fail under load; keeps docs/faults.md (Linux, root; BATON_FAULTS=Three or a row for less)
	@scripts/tools.sh test
	BATON_FAULTS=$${BATON_FAULTS:-all} BATON_FAULTS_NETWORK=required $(if $(BATON_FAULTS),,BATON_FAULTS_TABLE=docs/faults.md) \
		cargo test --locked --test faults -- --nocapture --test-threads 1

bench: ## Measure this machine against a socket.io relay; keeps docs/performance.md
	cd benches/peers/socketio && npm ci --no-audit --no-fund
	cargo bench --locked --bench load -- all --write docs/performance.md

bench-cluster: ## Measure three nodes with PostgreSQL, Redis and HAProxy on this machine; keeps docs/scaling.md
	@scripts/tools.sh cluster
	cargo bench --locked --bench load -- cluster --write docs/scaling.md

protocol: ## Bring the generated protocol files up to date
	cargo run --locked --example protocol-types

$(NODE_MODULES): package.json package-lock.json $(wildcard web-*/package.json)
	@scripts/tools.sh build
	npm ci --no-audit --no-fund
	@touch $@
