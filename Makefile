SHELL := /bin/bash
PYTHON := .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE
export RASA_TELEMETRY_ENABLED := false
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help setup web model run test check bench clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.stamp ## Python 3.10 and the locked packages

.venv/.stamp: pyproject.toml uv.lock deploy/setup.sh
	@bash deploy/setup.sh
	@touch $@

web: bot/web/static/.stamp ## the built front end

bot/web/static/.stamp: frontend/package-lock.json $(shell find frontend/src frontend/scripts frontend/build -type f 2>/dev/null) frontend/index.html frontend/embed.html $(wildcard frontend/*.ts) content/hotlines.yml content/emergency_numbers.yml $(wildcard content/questionnaires/*.yml)
	@echo "== front end"
	@cd frontend && { [ -d node_modules ] && [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund; } && npm run --silent build
	@touch $@

model: setup ## a trained model and risk classifier for today's data
	@echo "== risk classifier (cached by content)"
	@$(PYTHON) -m bot risk train
	@echo "== Rasa model (cached by content; the first time takes some minutes)"
	@$(PYTHON) -m bot nlu train

run: setup web model ## everything, until Ctrl-C
	@$(PYTHON) -m bot db upgrade
	@$(PYTHON) deploy/start.py

test: setup web model ## every test
	@$(PYTHON) -m pytest $(PYTEST_ARGS)
	@cd frontend && npm run --silent test

check: setup web ## style, types, import rules, training data
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@cd frontend && npm run --silent check && npm run --silent size
	@$(PYTHON) -m bot content check
	@$(PYTHON) -m bot.nlu.validate

bench: setup web model ## speed, beside stock Rasa, in one run
	@$(PYTHON) -m bench.stack

clean: ## forget builds, not data
	rm -rf .venv node_modules frontend/node_modules bot/web/static .mypy_cache .ruff_cache .pytest_cache
