"""Puts the rooms' stored classes together, so that the whole database is known. Decides nothing."""

from __future__ import annotations

from sqlalchemy import text

import election.congress.models
import election.contests.models
import election.count.models
import election.count.models_guards
import election.count.models_lot
import election.meeting.models
import election.meeting.models_evening
import election.nomination.models
import election.nomination.models_guards
import election.nomination.models_margin
import election.nomination.models_review
import election.notices.models
import election.people.models
import election.quotas.models
import election.quotas.models_guards
import election.quotas.models_letters
import election.results.models
import election.roster.models
import election.store.models
from election.store.base import Base
from election.store.database import Database
from election.store.kept import functions

METADATA = Base.metadata


def create_all(database: Database) -> None:
    """Makes every table in an empty database, without the history of migrations; for tests and comparisons."""
    METADATA.create_all(database.engine.execution_options(writing=True))


def drop_all(database: Database) -> None:
    """Unmakes every table, for a system that could not be filled when it was made."""
    writer = database.engine.execution_options(writing=True)
    METADATA.drop_all(writer)
    with writer.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        if not database.embedded:
            kept = ", ".join((*functions(), *election.count.models_guards.FUNCTIONS))
            connection.execute(
                text(
                    "DROP FUNCTION IF EXISTS audit_refuse, audit_grow, scheme_keep, scheme_part_keep, seat_letter_keep,"
                    f" slate_keep, candidate_keep, {kept}"
                )
            )
