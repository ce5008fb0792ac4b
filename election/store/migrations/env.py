"""How alembic reaches the database: through the connection that `upgrade_to_head` hands it. Never on its own."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=False,
    transactional_ddl=False,  # the transaction is the caller's: all migrations or none
)
context.run_migrations()
