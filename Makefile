# Two commands do everything: `make demo` and `make test`. CARGO_TARGET_DIR is respected.

CARGO ?= cargo
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
# How long each fuzz target runs, in seconds.
MINUTE ?= 60
# How often `make bench` measures each contestant.
ROUNDS ?= 5
FUZZ_TARGETS = $(basename $(notdir $(wildcard tests/fuzz/fuzz_targets/*.rs)))

.PHONY: help demo test corpora fuzz bench gate pages certificates check
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

demo: ## Build the command and let it probe servers of its own on loopback, one for every outcome
	$(CARGO) build --release --locked -p fourstep-cli
	$(TARGET_DIR)/release/fourstep demo

test: ## Run every test, against real servers too; installs their Debian packages if it may
	tests/packages.sh
	$(CARGO) test --workspace --locked

corpora: ## Run the parsers over ../shared/corpora, or $FOURSTEP_CORPORA, and print the counts
	$(CARGO) test --locked -p fourstep-tests -p fourstep-resolve -- --ignored --nocapture corpora::

fuzz: ## Run each fuzz target for MINUTE=60 seconds
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	@set -e; for target in $(FUZZ_TARGETS); do \
		echo "fuzz $$target"; \
		$(CARGO) fuzz run --fuzz-dir tests/fuzz --sanitizer none $$target -- -max_total_time=$(MINUTE); \
	done

bench: ## Measure the scan and its peers in turns: ROUNDS=5, CASES="rate calls …" for some; see tests/bench
	tests/bench/scan/run.sh --rounds $(ROUNDS) $(CASES)

gate: ## Hold instructions and allocations to tests/bench/instructions.txt
	tests/bench/gate.sh

pages: ## Write the manual pages and the shell completions into target/pages
	$(CARGO) run --locked -p fourstep-cli --example pages -- $(TARGET_DIR)/pages

certificates: ## Make a root and a chain for every condition of trust, in target/certificates, and say how to show them
	$(CARGO) run --locked --quiet -p fourstep-authority --example certificates -- $(TARGET_DIR)/certificates

check: ## Hold the code to its format, its lints and its documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked
