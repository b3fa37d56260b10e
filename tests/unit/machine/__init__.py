"""The pure parts of the test cluster (tests/cluster/machine)."""
