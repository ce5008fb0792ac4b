"""What is decided, agreed on or relied on stays in the database too; a meeting may let a round go and what was decided about it
stays; who ruled on spoiled ballots is kept.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# Table → what changes of it, and what its rows get besides.
MADE_ANEW = {
    "follow_up": (
        (
            "CONSTRAINT fk_follow_up_meeting_id_round_id FOREIGN KEY(meeting_id, round_id) REFERENCES meeting_round (meeting_id, round_id)",
            "CONSTRAINT fk_follow_up_meeting_id FOREIGN KEY(meeting_id) REFERENCES meeting (id), "
            "CONSTRAINT fk_follow_up_round_id FOREIGN KEY(round_id) REFERENCES round (id)",
        ),
        "",
    ),
    "venue_ballots": (
        (
            "CONSTRAINT pk_venue_ballots",
            "ruled_by_id INTEGER, CONSTRAINT fk_venue_ballots_ruled_by_id FOREIGN KEY(ruled_by_id) REFERENCES person (id), "
            "CONSTRAINT pk_venue_ballots",
        ),
        ", NULL",
    ),
}
# Triggers in force before under other conditions.
REPLACED = {
    "sqlite": ("DROP TRIGGER round_outcome_followed_update",),
    "postgresql": (
        "DROP TRIGGER round_outcome_followed ON round_outcome",
        "DROP FUNCTION round_outcome_followed()",
    ),
}
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER round_outcome_followed_update BEFORE UPDATE ON round_outcome WHEN OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) AND NOT EXISTS (SELECT 1 FROM meeting_round m JOIN venue v ON v.meeting_id = m.meeting_id JOIN counting_group g ON g.venue_id = v.id JOIN count_form f ON f.group_id = g.id AND f.ballot = m.ballot WHERE m.round_id = NEW.round_id AND f.superseded_at IS NULL AND f.state <> 'confirmed') BEGIN SELECT RAISE(ABORT, 'what followed from an outcome is taken back first'); END",
        "CREATE TRIGGER round_outcome_alike_insert BEFORE INSERT ON round_outcome WHEN (EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) OR EXISTS (SELECT 1 FROM follow_up f WHERE f.round_id = NEW.round_id AND f.kind = 'vacant' AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL)) AND NOT EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = NEW.round_id AND o.version = NEW.version - 1 AND o.status = NEW.status AND o.elected = NEW.elected AND o.tied_seats = NEW.tied_seats AND o.shortfall = NEW.shortfall) BEGIN SELECT RAISE(ABORT, 'what followed from an outcome stands only under one that is alike'); END",
        "CREATE TRIGGER count_form_confirmed_update BEFORE UPDATE ON count_form WHEN OLD.state = 'confirmed' AND (NEW.state <> OLD.state OR NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number OR NEW.ballot <> OLD.ballot OR NEW.version <> OLD.version OR NEW.first_person_id <> OLD.first_person_id OR NEW.second_person_id <> OLD.second_person_id OR NEW.confirmed_by_id <> OLD.confirmed_by_id OR NEW.confirmed_at <> OLD.confirmed_at) BEGIN SELECT RAISE(ABORT, 'a confirmed count form is never changed'); END",
        "CREATE TRIGGER count_form_stays_delete BEFORE DELETE ON count_form WHEN OLD.state = 'confirmed' BEGIN SELECT RAISE(ABORT, 'a confirmed count form is never changed'); END",
        "CREATE TRIGGER count_form_entered_twice_insert BEFORE INSERT ON count_form WHEN NEW.state = 'confirmed' AND (SELECT count(*) FROM form_entry e WHERE e.form_id = NEW.id AND e.finalised_at IS NOT NULL AND ((e.side = 'first' AND e.person_id = NEW.first_person_id) OR (e.side = 'second' AND e.person_id = NEW.second_person_id))) <> 2 BEGIN SELECT RAISE(ABORT, 'a form is confirmed once both of its persons have entered it'); END",
        "CREATE TRIGGER count_form_entered_twice_update BEFORE UPDATE ON count_form WHEN NEW.state = 'confirmed' AND (SELECT count(*) FROM form_entry e WHERE e.form_id = NEW.id AND e.finalised_at IS NOT NULL AND ((e.side = 'first' AND e.person_id = NEW.first_person_id) OR (e.side = 'second' AND e.person_id = NEW.second_person_id))) <> 2 BEGIN SELECT RAISE(ABORT, 'a form is confirmed once both of its persons have entered it'); END",
        "CREATE TRIGGER round_outcome_replaced_update BEFORE UPDATE ON round_outcome WHEN OLD.superseded_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'an outcome that was replaced stays so'); END",
        "CREATE TRIGGER round_outcome_seats_insert BEFORE INSERT ON round_outcome WHEN NEW.status NOT IN ('decided', 'tie', 'shortfall') OR NEW.elected + NEW.tied_seats + NEW.shortfall <> (SELECT r.seats FROM round r WHERE r.id = NEW.round_id) BEGIN SELECT RAISE(ABORT, 'an outcome accounts for every seat of its round'); END",
        "CREATE TRIGGER round_outcome_void_insert BEFORE INSERT ON round_outcome WHEN (SELECT r.void_at FROM round r WHERE r.id = NEW.round_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what is void has no outcome'); END",
        "CREATE TRIGGER candidate_result_elected_insert BEFORE INSERT ON candidate_result WHEN NEW.result = 'elected' AND (SELECT count(*) FROM candidate_result x WHERE x.outcome_id = NEW.outcome_id AND x.result = 'elected') >= (SELECT o.elected FROM round_outcome o WHERE o.id = NEW.outcome_id) BEGIN SELECT RAISE(ABORT, 'no more are elected than the outcome says'); END",
        "CREATE TRIGGER candidate_result_once_insert BEFORE INSERT ON candidate_result WHEN NEW.result = 'elected' AND EXISTS (SELECT 1 FROM candidate_result x JOIN round_outcome o ON o.id = x.outcome_id JOIN round r ON r.id = o.round_id JOIN contest c ON c.id = r.contest_id WHERE x.member_id = NEW.member_id AND x.result = 'elected' AND x.outcome_id <> NEW.outcome_id AND o.superseded_at IS NULL AND c.congress_id = (SELECT c2.congress_id FROM round_outcome o2 JOIN round r2 ON r2.id = o2.round_id JOIN contest c2 ON c2.id = r2.contest_id WHERE o2.id = NEW.outcome_id)) BEGIN SELECT RAISE(ABORT, 'nobody is elected twice in a congress'); END",
        "CREATE TRIGGER round_decided_update BEFORE UPDATE ON round WHEN (NEW.seats <> OLD.seats OR NEW.contest_id <> OLD.contest_id OR (NEW.void_at IS NOT NULL AND OLD.void_at IS NULL)) AND EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = OLD.id AND o.superseded_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a round that is decided is never changed'); END",
        "CREATE TRIGGER contest_decided_update BEFORE UPDATE ON contest WHEN NEW.seats <> OLD.seats AND EXISTS (SELECT 1 FROM round_outcome o JOIN round r ON r.id = o.round_id WHERE r.contest_id = OLD.id AND o.superseded_at IS NULL) BEGIN SELECT RAISE(ABORT, 'the seats of a contest that is decided are never changed'); END",
        "CREATE TRIGGER follow_up_agreed_update BEFORE UPDATE ON follow_up WHEN OLD.agreed_at IS NOT NULL AND (NEW.agreed_at IS NULL OR NEW.agreed_at <> OLD.agreed_at OR NEW.agreed_by_id <> OLD.agreed_by_id OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.kind <> OLD.kind OR NEW.round_id <> OLD.round_id OR NEW.meeting_id <> OLD.meeting_id OR NEW.seats <> OLD.seats OR CAST(NEW.members AS text) <> CAST(OLD.members AS text) OR NEW.reason <> OLD.reason OR coalesce(NEW.consented, -1) <> coalesce(OLD.consented, -1) OR coalesce(NEW.expected, -1) <> coalesce(OLD.expected, -1)) BEGIN SELECT RAISE(ABORT, 'what two persons have agreed on is never changed'); END",
        "CREATE TRIGGER follow_up_stays_delete BEFORE DELETE ON follow_up WHEN OLD.agreed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what two persons have agreed on is never changed'); END",
        "CREATE TRIGGER spoiled_ruling_counted_insert BEFORE INSERT ON spoiled_ruling WHEN EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = NEW.round_id AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'ballots that an outcome relies on are never changed'); END",
        "CREATE TRIGGER spoiled_ruling_counted_update BEFORE UPDATE ON spoiled_ruling WHEN EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = NEW.round_id AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'ballots that an outcome relies on are never changed'); END",
        "CREATE TRIGGER spoiled_ruling_stays_delete BEFORE DELETE ON spoiled_ruling WHEN EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'ballots that an outcome relies on are never changed'); END",
        "CREATE TRIGGER venue_present_counted_update BEFORE UPDATE ON venue WHEN coalesce(NEW.present, -1) <> coalesce(OLD.present, -1) AND EXISTS (SELECT 1 FROM meeting_round m WHERE m.meeting_id = OLD.meeting_id AND m.ballot = 1 AND m.counted_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'who was present stays while an outcome relies on it'); END",
        "CREATE TRIGGER meeting_round_slate_update BEFORE UPDATE ON meeting_round WHEN NEW.slate_id <> OLD.slate_id AND EXISTS (SELECT 1 FROM venue_ballots b WHERE b.round_id = OLD.round_id) BEGIN SELECT RAISE(ABORT, 'the slate on ballots that went out is never changed'); END",
        "CREATE TRIGGER meeting_opened_update BEFORE UPDATE ON meeting WHEN NEW.state = 'planned' AND OLD.state <> 'planned' BEGIN SELECT RAISE(ABORT, 'a meeting that was opened is never planned again'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION round_outcome_followed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) AND NOT EXISTS (SELECT 1 FROM meeting_round m JOIN venue v ON v.meeting_id = m.meeting_id JOIN counting_group g ON g.venue_id = v.id JOIN count_form f ON f.group_id = g.id AND f.ballot = m.ballot WHERE m.round_id = NEW.round_id AND f.superseded_at IS NULL AND f.state <> 'confirmed') THEN RAISE EXCEPTION 'what followed from an outcome is taken back first'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_followed BEFORE UPDATE ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_followed()",
        "CREATE FUNCTION round_outcome_alike() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id) OR EXISTS (SELECT 1 FROM follow_up f WHERE f.round_id = NEW.round_id AND f.kind = 'vacant' AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL)) AND NOT EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = NEW.round_id AND o.version = NEW.version - 1 AND o.status = NEW.status AND o.elected = NEW.elected AND o.tied_seats = NEW.tied_seats AND o.shortfall = NEW.shortfall) THEN RAISE EXCEPTION 'what followed from an outcome stands only under one that is alike'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_alike BEFORE INSERT ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_alike()",
        "CREATE FUNCTION count_form_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.state = 'confirmed' AND (NEW.state <> OLD.state OR NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number OR NEW.ballot <> OLD.ballot OR NEW.version <> OLD.version OR NEW.first_person_id <> OLD.first_person_id OR NEW.second_person_id <> OLD.second_person_id OR NEW.confirmed_by_id <> OLD.confirmed_by_id OR NEW.confirmed_at <> OLD.confirmed_at) THEN RAISE EXCEPTION 'a confirmed count form is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER count_form_confirmed BEFORE UPDATE ON count_form FOR EACH ROW EXECUTE FUNCTION count_form_confirmed()",
        "CREATE FUNCTION count_form_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.state = 'confirmed' THEN RAISE EXCEPTION 'a confirmed count form is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER count_form_stays BEFORE DELETE ON count_form FOR EACH ROW EXECUTE FUNCTION count_form_stays()",
        "CREATE FUNCTION count_form_entered_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'confirmed' AND (SELECT count(*) FROM form_entry e WHERE e.form_id = NEW.id AND e.finalised_at IS NOT NULL AND ((e.side = 'first' AND e.person_id = NEW.first_person_id) OR (e.side = 'second' AND e.person_id = NEW.second_person_id))) <> 2 THEN RAISE EXCEPTION 'a form is confirmed once both of its persons have entered it'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER count_form_entered_twice BEFORE INSERT OR UPDATE ON count_form FOR EACH ROW EXECUTE FUNCTION count_form_entered_twice()",
        "CREATE FUNCTION round_outcome_replaced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.superseded_at IS NOT NULL THEN RAISE EXCEPTION 'an outcome that was replaced stays so'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_replaced BEFORE UPDATE ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_replaced()",
        "CREATE FUNCTION round_outcome_seats() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status NOT IN ('decided', 'tie', 'shortfall') OR NEW.elected + NEW.tied_seats + NEW.shortfall <> (SELECT r.seats FROM round r WHERE r.id = NEW.round_id) THEN RAISE EXCEPTION 'an outcome accounts for every seat of its round'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_seats BEFORE INSERT ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_seats()",
        "CREATE FUNCTION round_outcome_void() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT r.void_at FROM round r WHERE r.id = NEW.round_id) IS NOT NULL THEN RAISE EXCEPTION 'what is void has no outcome'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_outcome_void BEFORE INSERT ON round_outcome FOR EACH ROW EXECUTE FUNCTION round_outcome_void()",
        "CREATE FUNCTION candidate_result_elected() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.result = 'elected' AND (SELECT count(*) FROM candidate_result x WHERE x.outcome_id = NEW.outcome_id AND x.result = 'elected') >= (SELECT o.elected FROM round_outcome o WHERE o.id = NEW.outcome_id) THEN RAISE EXCEPTION 'no more are elected than the outcome says'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER candidate_result_elected BEFORE INSERT ON candidate_result FOR EACH ROW EXECUTE FUNCTION candidate_result_elected()",
        "CREATE FUNCTION candidate_result_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.result = 'elected' AND EXISTS (SELECT 1 FROM candidate_result x JOIN round_outcome o ON o.id = x.outcome_id JOIN round r ON r.id = o.round_id JOIN contest c ON c.id = r.contest_id WHERE x.member_id = NEW.member_id AND x.result = 'elected' AND x.outcome_id <> NEW.outcome_id AND o.superseded_at IS NULL AND c.congress_id = (SELECT c2.congress_id FROM round_outcome o2 JOIN round r2 ON r2.id = o2.round_id JOIN contest c2 ON c2.id = r2.contest_id WHERE o2.id = NEW.outcome_id)) THEN RAISE EXCEPTION 'nobody is elected twice in a congress'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER candidate_result_once BEFORE INSERT ON candidate_result FOR EACH ROW EXECUTE FUNCTION candidate_result_once()",
        "CREATE FUNCTION round_decided() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (NEW.seats <> OLD.seats OR NEW.contest_id <> OLD.contest_id OR (NEW.void_at IS NOT NULL AND OLD.void_at IS NULL)) AND EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = OLD.id AND o.superseded_at IS NULL) THEN RAISE EXCEPTION 'a round that is decided is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER round_decided BEFORE UPDATE ON round FOR EACH ROW EXECUTE FUNCTION round_decided()",
        "CREATE FUNCTION contest_decided() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.seats <> OLD.seats AND EXISTS (SELECT 1 FROM round_outcome o JOIN round r ON r.id = o.round_id WHERE r.contest_id = OLD.id AND o.superseded_at IS NULL) THEN RAISE EXCEPTION 'the seats of a contest that is decided are never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER contest_decided BEFORE UPDATE ON contest FOR EACH ROW EXECUTE FUNCTION contest_decided()",
        "CREATE FUNCTION follow_up_agreed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.agreed_at IS NOT NULL AND (NEW.agreed_at IS NULL OR NEW.agreed_at <> OLD.agreed_at OR NEW.agreed_by_id <> OLD.agreed_by_id OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.kind <> OLD.kind OR NEW.round_id <> OLD.round_id OR NEW.meeting_id <> OLD.meeting_id OR NEW.seats <> OLD.seats OR CAST(NEW.members AS text) <> CAST(OLD.members AS text) OR NEW.reason <> OLD.reason OR coalesce(NEW.consented, -1) <> coalesce(OLD.consented, -1) OR coalesce(NEW.expected, -1) <> coalesce(OLD.expected, -1)) THEN RAISE EXCEPTION 'what two persons have agreed on is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER follow_up_agreed BEFORE UPDATE ON follow_up FOR EACH ROW EXECUTE FUNCTION follow_up_agreed()",
        "CREATE FUNCTION follow_up_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.agreed_at IS NOT NULL THEN RAISE EXCEPTION 'what two persons have agreed on is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER follow_up_stays BEFORE DELETE ON follow_up FOR EACH ROW EXECUTE FUNCTION follow_up_stays()",
        "CREATE FUNCTION spoiled_ruling_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = NEW.round_id AND m.counted_at IS NOT NULL) THEN RAISE EXCEPTION 'ballots that an outcome relies on are never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER spoiled_ruling_counted BEFORE INSERT OR UPDATE ON spoiled_ruling FOR EACH ROW EXECUTE FUNCTION spoiled_ruling_counted()",
        "CREATE FUNCTION spoiled_ruling_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL) THEN RAISE EXCEPTION 'ballots that an outcome relies on are never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER spoiled_ruling_stays BEFORE DELETE ON spoiled_ruling FOR EACH ROW EXECUTE FUNCTION spoiled_ruling_stays()",
        "CREATE FUNCTION venue_present_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF coalesce(NEW.present, -1) <> coalesce(OLD.present, -1) AND EXISTS (SELECT 1 FROM meeting_round m WHERE m.meeting_id = OLD.meeting_id AND m.ballot = 1 AND m.counted_at IS NOT NULL) THEN RAISE EXCEPTION 'who was present stays while an outcome relies on it'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER venue_present_counted BEFORE UPDATE ON venue FOR EACH ROW EXECUTE FUNCTION venue_present_counted()",
        "CREATE FUNCTION meeting_round_slate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.slate_id <> OLD.slate_id AND EXISTS (SELECT 1 FROM venue_ballots b WHERE b.round_id = OLD.round_id) THEN RAISE EXCEPTION 'the slate on ballots that went out is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER meeting_round_slate BEFORE UPDATE ON meeting_round FOR EACH ROW EXECUTE FUNCTION meeting_round_slate()",
        "CREATE FUNCTION meeting_opened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.state = 'planned' AND OLD.state <> 'planned' THEN RAISE EXCEPTION 'a meeting that was opened is never planned again'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER meeting_opened BEFORE UPDATE ON meeting FOR EACH ROW EXECUTE FUNCTION meeting_opened()",
    ),
}


def upgrade() -> None:
    kind = op.get_bind().dialect.name
    for statement in REPLACED[kind]:
        op.execute(statement)
    if kind == "sqlite":
        for table, (change, besides) in MADE_ANEW.items():
            _make_anew(table, *change, besides)
    else:
        op.drop_constraint(op.f("fk_follow_up_meeting_id_round_id"), "follow_up", type_="foreignkey")
        op.create_foreign_key(op.f("fk_follow_up_meeting_id"), "follow_up", "meeting", ["meeting_id"], ["id"])
        op.create_foreign_key(op.f("fk_follow_up_round_id"), "follow_up", "round", ["round_id"], ["id"])
        op.add_column("venue_ballots", sa.Column("ruled_by_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_venue_ballots_ruled_by_id"), "venue_ballots", "person", ["ruled_by_id"], ["id"])
    for statement in GUARDS[kind]:
        op.execute(statement)


def _make_anew(table: str, before: str, after: str, besides: str) -> None:
    """SQLite cannot change a key: the table is made anew with its indexes and triggers, as they stand but for that (foreign keys
    rest meanwhile, see `upgrade_to_head`).
    """
    connection = op.get_bind()
    stands = f"SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql IS NOT NULL AND type "  # noqa: S608
    made = " ".join(connection.execute(sa.text(f"{stands} = 'table'")).scalar_one().split())
    beside = connection.execute(sa.text(f"{stands} <> 'table' ORDER BY type")).scalars().all()
    anew, names = re.subn(rf'^CREATE TABLE "?{table}"? ?', f"CREATE TABLE {table}_made ", made)
    if (made.count(before), names) != (1, 1):
        raise RuntimeError(f"the table {table} is not as it was made")
    for statement in (
        anew.replace(before, after),
        f"INSERT INTO {table}_made SELECT *{besides} FROM {table}",  # noqa: S608
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_made RENAME TO {table}",
        *beside,
    ):
        connection.exec_driver_sql(statement)
