# The project's chores; `make help` lists them. What they do is in tools/, with Python's standard library alone.
PYTHON ?= python3
VENV := .venv/bin
DAEMON := $(PYTHON) tools/daemon.py

.DEFAULT_GOAL := env
.PHONY: env tools daemon images daemon-env daemon-stop lint unit test test-compat frontend-image demo bench clean help

env: .venv/made ## Make .venv with the project and its development tools (the default)

.venv/made: pyproject.toml
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(PYTHON) tools/parts.py python3-venv
	$(PYTHON) -m venv --clear .venv
	$(VENV)/python -m pip install --quiet --upgrade pip
	$(VENV)/python -m pip install --quiet --editable . --group dev
	$(VENV)/python -m compileall -q llbpy
	@touch $@

tools: ## Bring buildkitd, buildx, runc, a registry and qemu into .tools/bin
	@$(PYTHON) tools/parts.py

daemon: tools ## Start the test bed's own buildkitd and registry, with its base images
	@$(DAEMON) start

images: daemon ## Push the base images that the registry lacks (part of daemon)

daemon-env: ## Print the shell's exports for them: eval "$(make -s daemon-env)"
	@$(DAEMON) env

daemon-stop: ## Stop them and unmount what they left
	@$(DAEMON) stop

lint: env ## Check style and types
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy --strict llbpy
	for example in examples/*/; do $(VENV)/mypy --strict $$example || exit 1; done
	$(VENV)/pyright

unit: env ## Run the tests that need no daemon
	$(VENV)/pytest -m "not e2e and not compat"

test: lint tools ## Check style and types, run all tests beside a daemon
	$(DAEMON) run $(VENV)/pytest

test-compat: env tools ## Run the frontend's tests on older daemons and on Docker Engine
	@$(PYTHON) tools/compat.py parts
	$(DAEMON) run $(VENV)/pytest -m compat tests/compat

frontend-image: env tools ## Build the frontend image both ways and push it to the test bed's registry
	$(DAEMON) run bash frontend_image/push.sh

demo: env tools ## Show the project at work beside a daemon
	$(DAEMON) run bash tools/demo.sh

bench: env tools ## Measure
	$(VENV)/python -m bench
	$(DAEMON) run $(VENV)/python -m bench.frontend

clean: daemon-stop ## Stop the daemon, remove .tools and .venv
	rm -rf .tools .venv

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14
