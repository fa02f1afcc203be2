"""How Alembic runs a migration: on the connection that `database` gives it, in one transaction."""

from alembic import context

from huref.serve.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
