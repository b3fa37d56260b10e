"""Fixtures for all tests; each stands in the file named after what it starts."""

pytest_plugins: list[str] = []
