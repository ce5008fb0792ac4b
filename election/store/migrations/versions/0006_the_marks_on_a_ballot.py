"""How a ballot is marked is a rule: every congress that is there already has its default."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NAME, DEFAULT = "marks", "circle"


def upgrade() -> None:
    rules = sa.table("rule_value", sa.column("congress_id"), sa.column("name"), sa.column("value", sa.JSON))
    connection = op.get_bind()
    for (congress_id,) in connection.execute(sa.text("SELECT id FROM congress")).all():
        connection.execute(rules.insert().values(congress_id=congress_id, name=NAME, value=DEFAULT))
