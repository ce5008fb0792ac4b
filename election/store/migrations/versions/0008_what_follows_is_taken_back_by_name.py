"""Who takes back what was agreed to follow is kept beside who proposed and who agreed; seats are left vacant once.

What follows is of the same meeting and contest as what it follows from, and a contest votes on one round at a time. The count
forms of a unit's later meetings have numbers that cannot be read as those of the first; who signed in keeps no order. An outcome stays as it was recorded.
"""

from __future__ import annotations

from random import SystemRandom

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

FOLLOW_UP = "CREATE TABLE follow_up_made (id INTEGER NOT NULL, meeting_id INTEGER NOT NULL, round_id INTEGER NOT NULL, kind VARCHAR(40) NOT NULL, seats INTEGER NOT NULL, members JSON NOT NULL, reason VARCHAR(400) NOT NULL, document VARCHAR(80) NOT NULL, decided_on DATE, consented INTEGER, expected INTEGER, proposed_by_id INTEGER NOT NULL, proposed_at DATETIME NOT NULL, agreed_by_id INTEGER, agreed_at DATETIME, dropped_by_id INTEGER, dropped_because VARCHAR(400) NOT NULL, dropped_at DATETIME, next_round_id INTEGER, CONSTRAINT pk_follow_up PRIMARY KEY (id), CONSTRAINT uq_follow_up_next_round_id UNIQUE (next_round_id), CONSTRAINT fk_follow_up_meeting_id_round_id FOREIGN KEY(meeting_id, round_id) REFERENCES meeting_round (meeting_id, round_id), CONSTRAINT ck_follow_up_seats_at_least_one CHECK (seats >= 1), CONSTRAINT ck_follow_up_agreement_whole CHECK ((agreed_at IS NULL) = (agreed_by_id IS NULL)), CONSTRAINT ck_follow_up_agreed_by_another_person CHECK (agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id), CONSTRAINT ck_follow_up_dropping_whole CHECK ((dropped_at IS NULL) = (length(dropped_because) = 0) AND (dropped_at IS NULL) = (dropped_by_id IS NULL)), CONSTRAINT ck_follow_up_dropped_by_a_third_person CHECK (dropped_by_id IS NULL OR agreed_by_id IS NULL OR dropped_by_id NOT IN (proposed_by_id, agreed_by_id)), CONSTRAINT ck_follow_up_vacant_by_consent CHECK ((kind = 'vacant') = (consented IS NOT NULL) AND (consented IS NULL) = (expected IS NULL) AND (consented IS NULL OR (consented * 2 > expected AND consented <= expected AND length(reason) > 0))), CONSTRAINT ck_follow_up_struck_for_a_reason CHECK (kind <> 'strike' OR length(reason) > 0), CONSTRAINT ck_follow_up_round_once_agreed CHECK (next_round_id IS NULL OR (agreed_at IS NOT NULL AND kind NOT IN ('vacant', 'strike'))), CONSTRAINT ck_follow_up_kind CHECK (kind IN ('rerun', 'tie_ballot', 'lot', 'supplementary', 'vacant', 'strike')), CONSTRAINT fk_follow_up_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES person (id), CONSTRAINT fk_follow_up_agreed_by_id FOREIGN KEY(agreed_by_id) REFERENCES person (id), CONSTRAINT fk_follow_up_dropped_by_id FOREIGN KEY(dropped_by_id) REFERENCES person (id), CONSTRAINT fk_follow_up_next_round_id FOREIGN KEY(next_round_id) REFERENCES round (id))"
# Who it was stands on the audit chain.
WHO = (
    "SELECT e.person_id FROM audit_event e WHERE e.action = 'follow_up.dropped'"
    " AND e.subject = 'follow_up:' || follow_up.id ORDER BY e.id DESC LIMIT 1"
)
DROPPING_WHOLE = (
    "(dropped_at IS NULL) = (length(dropped_because) = 0) AND (dropped_at IS NULL) = (dropped_by_id IS NULL)"
)
BY_A_THIRD = "dropped_by_id IS NULL OR agreed_by_id IS NULL OR dropped_by_id NOT IN (proposed_by_id, agreed_by_id)"
STANDING = "kind <> 'strike' AND dropped_at IS NULL"
KINDS = "kind IN ('rerun', 'tie_ballot', 'lot', 'supplementary', 'vacant', 'strike')"
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER candidate_result_kept BEFORE UPDATE ON candidate_result WHEN NEW.id IS NOT OLD.id OR NEW.outcome_id IS NOT OLD.outcome_id OR NEW.candidate_id IS NOT OLD.candidate_id OR NEW.member_id IS NOT OLD.member_id OR NEW.name IS NOT OLD.name OR NEW.rank IS NOT OLD.rank OR NEW.votes_for IS NOT OLD.votes_for OR NEW.votes_against IS NOT OLD.votes_against OR NEW.abstentions IS NOT OLD.abstentions OR NEW.result IS NOT OLD.result BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END",
        "CREATE TRIGGER candidate_result_stays BEFORE DELETE ON candidate_result BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END",
        "CREATE TRIGGER round_outcome_kept BEFORE UPDATE ON round_outcome WHEN NEW.id IS NOT OLD.id OR NEW.round_id IS NOT OLD.round_id OR NEW.version IS NOT OLD.version OR NEW.status IS NOT OLD.status OR NEW.follow_up IS NOT OLD.follow_up OR NEW.votes_needed IS NOT OLD.votes_needed OR NEW.elected IS NOT OLD.elected OR NEW.tied_seats IS NOT OLD.tied_seats OR NEW.shortfall IS NOT OLD.shortfall OR NEW.expected IS NOT OLD.expected OR NEW.present IS NOT OLD.present OR NEW.issued IS NOT OLD.issued OR NEW.returned IS NOT OLD.returned OR NEW.valid IS NOT OLD.valid OR NEW.spoiled IS NOT OLD.spoiled OR NEW.contest IS NOT OLD.contest OR NEW.outcome IS NOT OLD.outcome OR NEW.decided_at IS NOT OLD.decided_at BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END",
        "CREATE TRIGGER round_outcome_stays BEFORE DELETE ON round_outcome BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END",
        "CREATE TRIGGER round_alone_insert BEFORE INSERT ON round WHEN EXISTS (SELECT 1 FROM round r WHERE r.contest_id = NEW.contest_id AND r.void_at IS NULL AND NOT EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = r.id AND o.superseded_at IS NULL)) BEGIN SELECT RAISE(ABORT, 'a contest votes on one round at a time'); END",
        "CREATE TRIGGER round_outcome_followed_update BEFORE UPDATE ON round_outcome WHEN OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) BEGIN SELECT RAISE(ABORT, 'what followed from an outcome is taken back first'); END",
        "CREATE TRIGGER count_form_replaced_update BEFORE UPDATE ON count_form WHEN OLD.superseded_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a count form that was replaced is never changed'); END",
        "CREATE TRIGGER count_form_replaced_delete BEFORE DELETE ON count_form WHEN OLD.superseded_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a count form that was replaced is never changed'); END",
        "CREATE TRIGGER follow_up_vacant_insert BEFORE INSERT ON follow_up WHEN NEW.kind = 'vacant' AND NEW.dropped_at IS NULL AND NEW.seats > (SELECT c.seats FROM contest c JOIN round r ON r.contest_id = c.id WHERE r.id = NEW.round_id) - (SELECT coalesce(sum(o.elected), 0) FROM round_outcome o JOIN round r ON r.id = o.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND o.superseded_at IS NULL) - (SELECT coalesce(sum(f.seats), 0) FROM follow_up f JOIN round r ON r.id = f.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND f.kind = 'vacant' AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL AND f.id <> NEW.id) BEGIN SELECT RAISE(ABORT, 'no more seats are left vacant than are open'); END",
        "CREATE TRIGGER follow_up_vacant_update BEFORE UPDATE ON follow_up WHEN NEW.kind = 'vacant' AND NEW.dropped_at IS NULL AND NEW.seats > (SELECT c.seats FROM contest c JOIN round r ON r.contest_id = c.id WHERE r.id = NEW.round_id) - (SELECT coalesce(sum(o.elected), 0) FROM round_outcome o JOIN round r ON r.id = o.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND o.superseded_at IS NULL) - (SELECT coalesce(sum(f.seats), 0) FROM follow_up f JOIN round r ON r.id = f.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND f.kind = 'vacant' AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL AND f.id <> NEW.id) BEGIN SELECT RAISE(ABORT, 'no more seats are left vacant than are open'); END",
        "CREATE TRIGGER follow_up_same_contest_insert BEFORE INSERT ON follow_up WHEN NEW.next_round_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number WHERE r.id = NEW.round_id AND later.id = NEW.next_round_id) BEGIN SELECT RAISE(ABORT, 'what follows is a later round of the same contest'); END",
        "CREATE TRIGGER follow_up_same_contest_update BEFORE UPDATE ON follow_up WHEN NEW.next_round_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number WHERE r.id = NEW.round_id AND later.id = NEW.next_round_id) BEGIN SELECT RAISE(ABORT, 'what follows is a later round of the same contest'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION candidate_result_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'an outcome is never changed'; END IF; IF NEW.id::text IS DISTINCT FROM OLD.id::text OR NEW.outcome_id::text IS DISTINCT FROM OLD.outcome_id::text OR NEW.candidate_id::text IS DISTINCT FROM OLD.candidate_id::text OR NEW.member_id::text IS DISTINCT FROM OLD.member_id::text OR NEW.name::text IS DISTINCT FROM OLD.name::text OR NEW.rank::text IS DISTINCT FROM OLD.rank::text OR NEW.votes_for::text IS DISTINCT FROM OLD.votes_for::text OR NEW.votes_against::text IS DISTINCT FROM OLD.votes_against::text OR NEW.abstentions::text IS DISTINCT FROM OLD.abstentions::text OR NEW.result::text IS DISTINCT FROM OLD.result::text THEN RAISE EXCEPTION 'an outcome is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER candidate_result_kept BEFORE UPDATE OR DELETE ON candidate_result FOR EACH ROW EXECUTE FUNCTION candidate_result_keep()",
        "CREATE FUNCTION round_outcome_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'an outcome is never changed'; END IF; IF NEW.id::text IS DISTINCT FROM OLD.id::text OR NEW.round_id::text IS DISTINCT FROM OLD.round_id::text OR NEW.version::text IS DISTINCT FROM OLD.version::text OR NEW.status::text IS DISTINCT FROM OLD.status::text OR NEW.follow_up::text IS DISTINCT FROM OLD.follow_up::text OR NEW.votes_needed::text IS DISTINCT FROM OLD.votes_needed::text OR NEW.elected::text IS DISTINCT FROM OLD.elected::text OR NEW.tied_seats::text IS DISTINCT FROM OLD.tied_seats::text OR NEW.shortfall::text IS DISTINCT FROM OLD.shortfall::text OR NEW.expected::text IS DISTINCT FROM OLD.expected::text OR NEW.present::text IS DISTINCT FROM OLD.present::text OR NEW.issued::text IS DISTINCT FROM OLD.issued::text OR NEW.returned::text IS DISTINCT FROM OLD.returned::text OR NEW.valid::text IS DISTINCT FROM OLD.valid::text OR NEW.spoiled::text IS DISTINCT FROM OLD.spoiled::text OR NEW.contest::text IS DISTINCT FROM OLD.contest::text OR NEW.outcome::text IS DISTINCT FROM OLD.outcome::text OR NEW.decided_at::text IS DISTINCT FROM OLD.decided_at::text THEN RAISE EXCEPTION 'an outcome is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_kept BEFORE UPDATE OR DELETE ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_keep()",
        "CREATE FUNCTION round_alone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM round r WHERE r.contest_id = NEW.contest_id AND r.void_at IS NULL AND NOT EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = r.id AND o.superseded_at IS NULL)) THEN RAISE EXCEPTION 'a contest votes on one round at a time'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_alone BEFORE INSERT ON round FOR EACH ROW EXECUTE FUNCTION round_alone()",
        "CREATE FUNCTION round_outcome_followed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) THEN RAISE EXCEPTION 'what followed from an outcome is taken back first'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_followed BEFORE UPDATE ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_followed()",
        "CREATE FUNCTION count_form_replaced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.superseded_at IS NOT NULL THEN RAISE EXCEPTION 'a count form that was replaced is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER count_form_replaced BEFORE UPDATE OR DELETE ON count_form FOR EACH ROW EXECUTE FUNCTION count_form_replaced()",
        "CREATE FUNCTION follow_up_vacant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.kind = 'vacant' AND NEW.dropped_at IS NULL AND NEW.seats > (SELECT c.seats FROM contest c JOIN round r ON r.contest_id = c.id WHERE r.id = NEW.round_id) - (SELECT coalesce(sum(o.elected), 0) FROM round_outcome o JOIN round r ON r.id = o.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND o.superseded_at IS NULL) - (SELECT coalesce(sum(f.seats), 0) FROM follow_up f JOIN round r ON r.id = f.round_id JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND f.kind = 'vacant' AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL AND f.id <> NEW.id) THEN RAISE EXCEPTION 'no more seats are left vacant than are open'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER follow_up_vacant BEFORE INSERT OR UPDATE ON follow_up FOR EACH ROW EXECUTE FUNCTION follow_up_vacant()",
        "CREATE FUNCTION follow_up_same_contest() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.next_round_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number WHERE r.id = NEW.round_id AND later.id = NEW.next_round_id) THEN RAISE EXCEPTION 'what follows is a later round of the same contest'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER follow_up_same_contest BEFORE INSERT OR UPDATE ON follow_up FOR EACH ROW EXECUTE FUNCTION follow_up_same_contest()",
    ),
}


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("dropped_by_id", sa.Integer(), nullable=True))
    op.execute(f"UPDATE follow_up SET dropped_by_id = ({WHO}) WHERE dropped_at IS NOT NULL")  # noqa: S608 - no text from outside
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _alter()
    op.create_index(
        "uq_follow_up_one_standing",
        "follow_up",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text(STANDING),
        postgresql_where=sa.text(STANDING),
    )
    _number_anew()
    _in_no_order()
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _in_no_order() -> None:
    """Numbers that were counted up as people came are drawn anew."""
    connection = op.get_bind()
    known = list(connection.execute(sa.text("SELECT id FROM attendee")).scalars())
    drawn = SystemRandom().sample(range(1, 2**31), len(known))
    for old, new in zip(known, drawn, strict=True):
        connection.execute(sa.text("UPDATE attendee SET id = :new WHERE id = :old"), {"new": -new, "old": old})
    connection.execute(sa.text("UPDATE attendee SET id = -id"))


def _number_anew() -> None:
    """07-02-1-1 becomes 07.2-1-1."""
    connection = op.get_bind()
    later = connection.execute(
        sa.text(
            "SELECT g.id, g.form_number, m.number FROM counting_group g JOIN venue v ON v.id = g.venue_id "
            "JOIN meeting m ON m.id = v.meeting_id WHERE m.number > 1"
        )
    ).all()
    for group, number, meeting in later:
        unit, _meeting, *rest = number.split("-")
        printed = {"group": group, "old": number, "new": "-".join([f"{unit}.{meeting}", *rest])}
        connection.execute(sa.text("UPDATE counting_group SET form_number = :new WHERE id = :group"), printed)
        renamed = "UPDATE count_form SET number = replace(number, :old, :new) WHERE group_id = :group"
        connection.execute(sa.text(renamed), printed)


def _make_anew() -> None:
    """SQLite cannot add such constraints: the table is made anew (foreign keys rest meanwhile, see `upgrade_to_head`)."""
    op.execute(FOLLOW_UP)
    names = ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns("follow_up"))
    op.execute(f"INSERT INTO follow_up_made ({names}) SELECT {names} FROM follow_up")  # noqa: S608 - names of columns
    op.execute("DROP TABLE follow_up")
    op.execute("ALTER TABLE follow_up_made RENAME TO follow_up")
    op.create_index("ix_follow_up_meeting_id", "follow_up", ["meeting_id"])
    open_ones = sa.text("agreed_at IS NULL AND dropped_at IS NULL")
    op.create_index("uq_follow_up_one_open", "follow_up", ["round_id"], unique=True, sqlite_where=open_ones)


def _alter() -> None:
    for gone in (
        "fk_follow_up_meeting_id",
        "fk_follow_up_round_id",
        "ck_follow_up_dropping_whole",
        "ck_follow_up_kind",
    ):
        op.execute(f"ALTER TABLE follow_up DROP CONSTRAINT {gone}")
    op.create_foreign_key(op.f("fk_follow_up_dropped_by_id"), "follow_up", "person", ["dropped_by_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_follow_up_meeting_id_round_id"),
        "follow_up",
        "meeting_round",
        ["meeting_id", "round_id"],
        ["meeting_id", "round_id"],
    )
    op.create_check_constraint(op.f("ck_follow_up_dropping_whole"), "follow_up", DROPPING_WHOLE)
    op.create_check_constraint(op.f("ck_follow_up_dropped_by_a_third_person"), "follow_up", BY_A_THIRD)
    op.create_check_constraint(op.f("ck_follow_up_kind"), "follow_up", KINDS)
