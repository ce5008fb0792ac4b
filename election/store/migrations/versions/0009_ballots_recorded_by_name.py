"""Who recorded a venue's ballots is kept; the ballots of a small venue or a mobile box are counted with another venue's.

What was ruled spoiled is said or not said for each venue and round: none is a ruling too. What an outcome relies on stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

VENUE = "CREATE TABLE venue_made (id INTEGER NOT NULL, meeting_id INTEGER NOT NULL, number INTEGER NOT NULL, name VARCHAR(60) NOT NULL, mobile BOOLEAN NOT NULL, present INTEGER, counted_with_id INTEGER, CONSTRAINT pk_venue PRIMARY KEY (id), CONSTRAINT uq_venue_meeting_id_number UNIQUE (meeting_id, number), CONSTRAINT uq_venue_id_meeting_id UNIQUE (id, meeting_id), CONSTRAINT fk_venue_counted_with_id_meeting_id FOREIGN KEY(counted_with_id, meeting_id) REFERENCES venue (id, meeting_id), CONSTRAINT ck_venue_present_not_negative CHECK (present IS NULL OR present >= 0), CONSTRAINT ck_venue_counted_with_another CHECK (counted_with_id IS NULL OR counted_with_id <> id), CONSTRAINT fk_venue_meeting_id FOREIGN KEY(meeting_id) REFERENCES meeting (id))"
VENUE_BALLOTS = "CREATE TABLE venue_ballots_made (id INTEGER NOT NULL, venue_id INTEGER NOT NULL, meeting_id INTEGER NOT NULL, round_id INTEGER NOT NULL, issued INTEGER NOT NULL, returned INTEGER, spoiled INTEGER, recorded_by_id INTEGER, changed_because VARCHAR(400) DEFAULT '' NOT NULL, CONSTRAINT pk_venue_ballots PRIMARY KEY (id), CONSTRAINT uq_venue_ballots_venue_id_round_id UNIQUE (venue_id, round_id), CONSTRAINT fk_venue_ballots_venue_id_meeting_id FOREIGN KEY(venue_id, meeting_id) REFERENCES venue (id, meeting_id), CONSTRAINT fk_venue_ballots_meeting_id_round_id FOREIGN KEY(meeting_id, round_id) REFERENCES meeting_round (meeting_id, round_id), CONSTRAINT ck_venue_ballots_not_negative CHECK (issued >= 0 AND (returned IS NULL OR returned >= 0)), CONSTRAINT ck_venue_ballots_spoiled_of_the_returned CHECK (spoiled IS NULL OR (returned IS NOT NULL AND spoiled >= 0 AND spoiled <= returned)), CONSTRAINT fk_venue_ballots_recorded_by_id FOREIGN KEY(recorded_by_id) REFERENCES person (id))"
MADE_ANEW = (
    ("venue", VENUE, "id, meeting_id, number, name, mobile, present"),
    ("venue_ballots", VENUE_BALLOTS, "id, venue_id, meeting_id, round_id, issued, returned"),
)
# What was ruled before stands as said, where the ballots returned still hold it.
RULED = "SELECT sum(number) FROM spoiled_ruling WHERE venue_id = venue_ballots.venue_id AND round_id = venue_ballots.round_id"
SAID = f"UPDATE venue_ballots SET spoiled = ({RULED}) WHERE ({RULED}) <= returned"  # noqa: S608 - no text from outside
BEGUN = (
    "UPDATE meeting_round SET entry_begun = true WHERE EXISTS (SELECT 1 FROM count_form "
    "JOIN counting_group ON counting_group.id = count_form.group_id JOIN venue ON venue.id = counting_group.venue_id "
    "WHERE venue.meeting_id = meeting_round.meeting_id AND count_form.ballot = meeting_round.ballot "
    "AND (count_form.revision > 0 OR count_form.version > 1))"
)
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER venue_ballots_counted_update BEFORE UPDATE ON venue_ballots WHEN EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'ballots that an outcome relies on are never changed'); END",
        "CREATE TRIGGER venue_ballots_counted_delete BEFORE DELETE ON venue_ballots WHEN EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'ballots that an outcome relies on are never changed'); END",
        "CREATE TRIGGER counting_group_here_insert BEFORE INSERT ON counting_group WHEN (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.venue_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a venue that is counted with another one has no counting group'); END",
        "CREATE TRIGGER counting_group_here_update BEFORE UPDATE ON counting_group WHEN (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.venue_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a venue that is counted with another one has no counting group'); END",
        "CREATE TRIGGER venue_counted_with_insert BEFORE INSERT ON venue WHEN NEW.counted_with_id IS NOT NULL AND (EXISTS (SELECT 1 FROM counting_group g WHERE g.venue_id = NEW.id) OR EXISTS (SELECT 1 FROM venue v WHERE v.counted_with_id = NEW.id) OR (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.counted_with_id) IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a venue counts by itself, or with one that does'); END",
        "CREATE TRIGGER venue_counted_with_update BEFORE UPDATE ON venue WHEN NEW.counted_with_id IS NOT NULL AND (EXISTS (SELECT 1 FROM counting_group g WHERE g.venue_id = NEW.id) OR EXISTS (SELECT 1 FROM venue v WHERE v.counted_with_id = NEW.id) OR (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.counted_with_id) IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a venue counts by itself, or with one that does'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION venue_ballots_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL) THEN RAISE EXCEPTION 'ballots that an outcome relies on are never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER venue_ballots_counted BEFORE UPDATE OR DELETE ON venue_ballots FOR EACH ROW EXECUTE FUNCTION venue_ballots_counted()",
        "CREATE FUNCTION counting_group_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.venue_id) IS NOT NULL THEN RAISE EXCEPTION 'a venue that is counted with another one has no counting group'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER counting_group_here BEFORE INSERT OR UPDATE ON counting_group FOR EACH ROW EXECUTE FUNCTION counting_group_here()",
        "CREATE FUNCTION venue_counted_with() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.counted_with_id IS NOT NULL AND (EXISTS (SELECT 1 FROM counting_group g WHERE g.venue_id = NEW.id) OR EXISTS (SELECT 1 FROM venue v WHERE v.counted_with_id = NEW.id) OR (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.counted_with_id) IS NOT NULL) THEN RAISE EXCEPTION 'a venue counts by itself, or with one that does'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER venue_counted_with BEFORE INSERT OR UPDATE ON venue FOR EACH ROW EXECUTE FUNCTION venue_counted_with()",
    ),
}
NAME, DEFAULT = "counted_alone", 10


def upgrade() -> None:
    op.add_column("meeting_round", sa.Column("entry_begun", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _alter()
    op.execute(SAID)
    op.execute(BEGUN)
    rules = sa.table("rule_value", sa.column("congress_id"), sa.column("name"), sa.column("value", sa.JSON))
    connection = op.get_bind()
    for (congress_id,) in connection.execute(sa.text("SELECT id FROM congress")).all():
        connection.execute(rules.insert().values(congress_id=congress_id, name=NAME, value=DEFAULT))
    for statement in GUARDS[connection.dialect.name]:
        op.execute(statement)


def _make_anew() -> None:
    """SQLite cannot add such constraints: the tables are made anew (foreign keys rest meanwhile, see `upgrade_to_head`)."""
    for table, statement, names in MADE_ANEW:
        op.execute(statement)
        op.execute(f"INSERT INTO {table}_made ({names}) SELECT {names} FROM {table}")  # noqa: S608 - names of columns
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE {table}_made RENAME TO {table}")
    op.create_index("ix_venue_ballots_round_id", "venue_ballots", ["round_id"])


def _alter() -> None:
    op.add_column("venue", sa.Column("counted_with_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_venue_counted_with_id_meeting_id"),
        "venue",
        "venue",
        ["counted_with_id", "meeting_id"],
        ["id", "meeting_id"],
    )
    op.create_check_constraint(
        op.f("ck_venue_counted_with_another"), "venue", "counted_with_id IS NULL OR counted_with_id <> id"
    )
    op.add_column("venue_ballots", sa.Column("spoiled", sa.Integer(), nullable=True))
    op.add_column("venue_ballots", sa.Column("recorded_by_id", sa.Integer(), nullable=True))
    op.add_column(
        "venue_ballots", sa.Column("changed_because", sa.String(length=400), nullable=False, server_default="")
    )
    op.create_foreign_key(
        op.f("fk_venue_ballots_recorded_by_id"), "venue_ballots", "person", ["recorded_by_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_venue_ballots_spoiled_of_the_returned"),
        "venue_ballots",
        "spoiled IS NULL OR (returned IS NOT NULL AND spoiled >= 0 AND spoiled <= returned)",
    )
