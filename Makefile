PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CAPTURE ?= captures/publish_h264_aac.pcap
JOBS ?= auto
WORKLOADS ?= W1,W2,W3,W4,W5,W6,W7
RUNS ?= 3
BENCH_DIR ?= build/benchmarks

.PHONY: help demo test lint format docs robustness bench bench-size clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

$(READY): pyproject.toml setup.py $(wildcard rtmpscope/*/*.pyx)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@

demo: $(READY) ## set everything up and analyze a capture of a real session
	$(BIN)/rtmpscope analyze $(CAPTURE)

test: $(READY) ## set everything up and run all tests
	$(BIN)/python -m pytest -n $(JOBS)

lint: $(READY) ## style, types and the layers of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write docs/tables.md, docs/findings.md and docs/analysis.schema.json from what the code says
	$(BIN)/python docs/make_tables.py
	$(BIN)/python docs/make_findings.py
	$(BIN)/python docs/make_json_schema.py

robustness: $(READY) ## measure what damaged captures cost, beside tshark, and write docs/robustness.md (minutes)
	PYTHONPATH=. $(BIN)/python docs/make_robustness.py

bench: $(READY) ## measure time and memory beside tshark and write benchmarks/README.md (WORKLOADS, RUNS, BENCH_DIR; 5 GB)
	$(BIN)/python -m benchmarks.bench --workloads $(WORKLOADS) --runs $(RUNS) --dir $(BENCH_DIR)

bench-size: $(READY) ## measure time and memory against the size of the capture, and plot both (RUNS, BENCH_DIR; 4 GB)
	$(BIN)/python -m benchmarks.sizes --runs $(RUNS) --dir $(BENCH_DIR)

clean: ## forget the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info rtmpscope/*/*.so rtmpscope/*/*.c
