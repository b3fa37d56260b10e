"""Postgres: the tables, every query, migrations, notifications, and an embedded server for one machine.

Law of this layer: SQL stands nowhere else. Whoever calls it sees values of the domain and `CatalogUnavailable`, never an
error of a database driver.
"""
