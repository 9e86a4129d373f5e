"""Benchmarks of the frontend, beside a daemon: `tools/daemon.py run .venv/bin/python -m bench.frontend`."""
