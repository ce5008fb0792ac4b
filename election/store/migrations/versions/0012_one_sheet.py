"""Whether a vote's contests share one sheet is a rule: every congress that is there already has its default, frozen where its
meetings have begun.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NAME, DEFAULT = "ballot_sheets", "category"


def upgrade() -> None:
    rules = sa.table(
        "rule_value",
        sa.column("congress_id"),
        sa.column("name"),
        sa.column("value", sa.JSON),
        sa.column("frozen_at"),
        sa.column("frozen_by"),
    )
    # Used first by the same act as the marks on a ballot: where that is done, it is no longer open.
    there = sa.select(
        rules.c.congress_id, sa.literal(NAME), sa.literal(DEFAULT, sa.JSON), rules.c.frozen_at, rules.c.frozen_by
    ).where(rules.c.name == "marks")
    op.get_bind().execute(rules.insert().from_select(["congress_id", "name", "value", "frozen_at", "frozen_by"], there))
