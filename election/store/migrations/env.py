"""How alembic reaches the database: through the connection that `upgrade_to_head` hands it. Never on its own."""

from __future__ import annotations

from alembic import context

from election.store.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,  # for the naming convention: no room's tables are looked at
    transactional_ddl=False,  # the transaction is the caller's: all migrations or none
)
context.run_migrations()
