"""The frontend on what is not the one daemon: older ones, Docker Engine, a container. `make test-compat` runs these tests."""
