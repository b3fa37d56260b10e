"""Alembic's entry point: runs on the connection that `migrate` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="wsi_schema_version")
with context.begin_transaction():
    context.run_migrations()
