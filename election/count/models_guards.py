"""What the database itself refuses to change: an outcome, a confirmed count form and its entries, a replaced form (edge case
19), ballots and attendance that an outcome relies on, the expected number of a meeting that was opened (11), the seats of what
is decided, what two persons have agreed on. And what it refuses to take in: a form confirmed that was not entered twice, an
outcome that does not account for every seat, somebody elected twice; of the rounds of a contest two at once, one after another
contest's, a decided one that falls while a later one stands (but for a correction, under which it comes out alike), more seats
left vacant than are open; of a venue counting groups where another one counts it. The operations ask the same, in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from election.count.models import CandidateResult, RoundOutcome
from election.meeting.models_evening import FollowUp
from election.store.base import Base
from election.store.kept import keep

keep(RoundOutcome, "an outcome is never changed", but=["superseded_at"])
keep(CandidateResult, "an outcome is never changed")

_DECIDED = "EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = r.id AND o.superseded_at IS NULL)"
_OPEN = (
    "(SELECT c.seats FROM contest c JOIN round r ON r.contest_id = c.id WHERE r.id = NEW.round_id)"
    " - (SELECT coalesce(sum(o.elected), 0) FROM round_outcome o JOIN round r ON r.id = o.round_id"
    " JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND o.superseded_at IS NULL)"
    " - (SELECT coalesce(sum(f.seats), 0) FROM follow_up f JOIN round r ON r.id = f.round_id"
    " JOIN round here ON here.contest_id = r.contest_id WHERE here.id = NEW.round_id AND f.kind = 'vacant'"
    " AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL AND f.id <> NEW.id)"
)
# (name, table, the verbs, when it is refused, what the database says): the same words on both databases.
_RULES: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    (
        "round_alone",
        "round",
        ("INSERT",),
        "EXISTS (SELECT 1 FROM round r WHERE r.contest_id = NEW.contest_id AND r.void_at IS NULL"  # noqa: S608
        f" AND NOT {_DECIDED})",
        "a contest votes on one round at a time",
    ),
    (
        "round_outcome_followed",
        "round_outcome",
        ("UPDATE",),
        "OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND EXISTS (SELECT 1 FROM round r"
        " JOIN round later ON later.contest_id = r.contest_id AND later.number > r.number AND later.void_at IS NULL"
        " WHERE r.id = NEW.round_id)"
        " AND NOT EXISTS (SELECT 1 FROM meeting_round m JOIN venue v ON v.meeting_id = m.meeting_id"
        " JOIN counting_group g ON g.venue_id = v.id JOIN count_form f ON f.group_id = g.id AND f.ballot = m.ballot"
        " WHERE m.round_id = NEW.round_id AND f.superseded_at IS NULL AND f.state <> 'confirmed')",
        "what followed from an outcome is taken back first",
    ),
    # Where something stands that followed from it, the corrected outcome comes out as the one before.
    (
        "round_outcome_alike",
        "round_outcome",
        ("INSERT",),
        "(EXISTS (SELECT 1 FROM round r JOIN round later ON later.contest_id = r.contest_id"
        " AND later.number > r.number AND later.void_at IS NULL WHERE r.id = NEW.round_id)"
        " OR EXISTS (SELECT 1 FROM follow_up f WHERE f.round_id = NEW.round_id AND f.kind = 'vacant'"
        " AND f.agreed_at IS NOT NULL AND f.dropped_at IS NULL))"
        " AND NOT EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = NEW.round_id"
        " AND o.version = NEW.version - 1 AND o.status = NEW.status AND o.elected = NEW.elected"
        " AND o.tied_seats = NEW.tied_seats AND o.shortfall = NEW.shortfall)",
        "what followed from an outcome stands only under one that is alike",
    ),
    # What a correction puts on the row: that it was asked for, and that another version is in force.
    (
        "count_form_confirmed",
        "count_form",
        ("UPDATE",),
        "OLD.state = 'confirmed' AND (NEW.state <> OLD.state OR NEW.group_id <> OLD.group_id OR NEW.number <> OLD.number"
        " OR NEW.ballot <> OLD.ballot OR NEW.version <> OLD.version OR NEW.first_person_id <> OLD.first_person_id"
        " OR NEW.second_person_id <> OLD.second_person_id OR NEW.confirmed_by_id <> OLD.confirmed_by_id"
        " OR NEW.confirmed_at <> OLD.confirmed_at)",
        "a confirmed count form is never changed",
    ),
    (
        "count_form_stays",
        "count_form",
        ("DELETE",),
        "OLD.state = 'confirmed'",
        "a confirmed count form is never changed",
    ),
    (
        "count_form_entered_twice",
        "count_form",
        ("INSERT", "UPDATE"),
        "NEW.state = 'confirmed' AND (SELECT count(*) FROM form_entry e WHERE e.form_id = NEW.id"
        " AND e.finalised_at IS NOT NULL AND ((e.side = 'first' AND e.person_id = NEW.first_person_id)"
        " OR (e.side = 'second' AND e.person_id = NEW.second_person_id))) <> 2",
        "a form is confirmed once both of its persons have entered it",
    ),
    (
        "round_outcome_replaced",
        "round_outcome",
        ("UPDATE",),
        "OLD.superseded_at IS NOT NULL",
        "an outcome that was replaced stays so",
    ),
    (
        "round_outcome_seats",
        "round_outcome",
        ("INSERT",),
        "NEW.status NOT IN ('decided', 'tie', 'shortfall') OR NEW.elected + NEW.tied_seats + NEW.shortfall"
        " <> (SELECT r.seats FROM round r WHERE r.id = NEW.round_id)",
        "an outcome accounts for every seat of its round",
    ),
    (
        "round_outcome_void",
        "round_outcome",
        ("INSERT",),
        "(SELECT r.void_at FROM round r WHERE r.id = NEW.round_id) IS NOT NULL",
        "what is void has no outcome",
    ),
    (
        "candidate_result_elected",
        "candidate_result",
        ("INSERT",),
        "NEW.result = 'elected' AND (SELECT count(*) FROM candidate_result x WHERE x.outcome_id = NEW.outcome_id"
        " AND x.result = 'elected') >= (SELECT o.elected FROM round_outcome o WHERE o.id = NEW.outcome_id)",
        "no more are elected than the outcome says",
    ),
    (
        "candidate_result_once",
        "candidate_result",
        ("INSERT",),
        "NEW.result = 'elected' AND EXISTS (SELECT 1 FROM candidate_result x JOIN round_outcome o ON o.id = x.outcome_id"
        " JOIN round r ON r.id = o.round_id JOIN contest c ON c.id = r.contest_id"
        " WHERE x.member_id = NEW.member_id AND x.result = 'elected' AND x.outcome_id <> NEW.outcome_id"
        " AND o.superseded_at IS NULL AND c.congress_id = (SELECT c2.congress_id FROM round_outcome o2"
        " JOIN round r2 ON r2.id = o2.round_id JOIN contest c2 ON c2.id = r2.contest_id WHERE o2.id = NEW.outcome_id))",
        "nobody is elected twice in a congress",
    ),
    (
        "round_decided",
        "round",
        ("UPDATE",),
        "(NEW.seats <> OLD.seats OR NEW.contest_id <> OLD.contest_id OR (NEW.void_at IS NOT NULL AND OLD.void_at IS NULL))"
        " AND EXISTS (SELECT 1 FROM round_outcome o WHERE o.round_id = OLD.id AND o.superseded_at IS NULL)",
        "a round that is decided is never changed",
    ),
    (
        "contest_decided",
        "contest",
        ("UPDATE",),
        "NEW.seats <> OLD.seats AND EXISTS (SELECT 1 FROM round_outcome o JOIN round r ON r.id = o.round_id"
        " WHERE r.contest_id = OLD.id AND o.superseded_at IS NULL)",
        "the seats of a contest that is decided are never changed",
    ),
    (
        "follow_up_agreed",
        "follow_up",
        ("UPDATE",),
        "OLD.agreed_at IS NOT NULL AND (NEW.agreed_at IS NULL OR NEW.agreed_at <> OLD.agreed_at"
        " OR NEW.agreed_by_id <> OLD.agreed_by_id OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.kind <> OLD.kind"
        " OR NEW.round_id <> OLD.round_id OR NEW.meeting_id <> OLD.meeting_id OR NEW.seats <> OLD.seats"
        " OR CAST(NEW.members AS text) <> CAST(OLD.members AS text) OR NEW.reason <> OLD.reason"
        " OR coalesce(NEW.consented, -1) <> coalesce(OLD.consented, -1)"
        " OR coalesce(NEW.expected, -1) <> coalesce(OLD.expected, -1))",
        "what two persons have agreed on is never changed",
    ),
    (
        "follow_up_stays",
        "follow_up",
        ("DELETE",),
        "OLD.agreed_at IS NOT NULL",
        "what two persons have agreed on is never changed",
    ),
    (
        "count_form_replaced",
        "count_form",
        ("UPDATE", "DELETE"),
        "OLD.superseded_at IS NOT NULL",
        "a count form that was replaced is never changed",
    ),
    (
        "follow_up_vacant",
        "follow_up",
        ("INSERT", "UPDATE"),
        f"NEW.kind = 'vacant' AND NEW.dropped_at IS NULL AND NEW.seats > {_OPEN}",
        "no more seats are left vacant than are open",
    ),
    (
        "follow_up_same_contest",
        "follow_up",
        ("INSERT", "UPDATE"),
        "NEW.next_round_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM round r JOIN round later"
        " ON later.contest_id = r.contest_id AND later.number > r.number"
        " WHERE r.id = NEW.round_id AND later.id = NEW.next_round_id)",
        "what follows is a later round of the same contest",
    ),
    (
        "venue_ballots_counted",
        "venue_ballots",
        ("UPDATE", "DELETE"),
        "EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL)",
        "ballots that an outcome relies on are never changed",
    ),
    (
        "spoiled_ruling_counted",
        "spoiled_ruling",
        ("INSERT", "UPDATE"),
        "EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = NEW.round_id AND m.counted_at IS NOT NULL)",
        "ballots that an outcome relies on are never changed",
    ),
    (
        "spoiled_ruling_stays",
        "spoiled_ruling",
        ("DELETE",),
        "EXISTS (SELECT 1 FROM meeting_round m WHERE m.round_id = OLD.round_id AND m.counted_at IS NOT NULL)",
        "ballots that an outcome relies on are never changed",
    ),
    (
        "venue_present_counted",
        "venue",
        ("UPDATE",),
        "coalesce(NEW.present, -1) <> coalesce(OLD.present, -1) AND EXISTS (SELECT 1 FROM meeting_round m"
        " WHERE m.meeting_id = OLD.meeting_id AND m.ballot = 1 AND m.counted_at IS NOT NULL)",
        "who was present stays while an outcome relies on it",
    ),
    (
        "meeting_round_slate",
        "meeting_round",
        ("UPDATE",),
        "NEW.slate_id <> OLD.slate_id AND EXISTS (SELECT 1 FROM venue_ballots b WHERE b.round_id = OLD.round_id)",
        "the slate on ballots that went out is never changed",
    ),
    (
        "meeting_opened",
        "meeting",
        ("UPDATE",),
        "NEW.state = 'planned' AND OLD.state <> 'planned'",
        "a meeting that was opened is never planned again",
    ),
    (
        "counting_group_here",
        "counting_group",
        ("INSERT", "UPDATE"),
        "(SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.venue_id) IS NOT NULL",
        "a venue that is counted with another one has no counting group",
    ),
    (
        "venue_counted_with",
        "venue",
        ("INSERT", "UPDATE"),
        "NEW.counted_with_id IS NOT NULL AND (EXISTS (SELECT 1 FROM counting_group g WHERE g.venue_id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM venue v WHERE v.counted_with_id = NEW.id)"
        " OR (SELECT v.counted_with_id FROM venue v WHERE v.id = NEW.counted_with_id) IS NOT NULL)",
        "a venue counts by itself, or with one that does",
    ),
    (
        "form_entry_confirmed",
        "form_entry",
        ("UPDATE", "DELETE"),
        "EXISTS (SELECT 1 FROM count_form f WHERE f.id = OLD.form_id AND f.state = 'confirmed')",
        "an entry of a confirmed form is never changed",
    ),
    (
        "meeting_expected",
        "meeting",
        ("UPDATE",),
        "OLD.expected IS NOT NULL AND (NEW.expected IS NULL OR NEW.expected <> OLD.expected)",
        "the expected number of an opened meeting is never changed",
    ),
)


def _in_sqlite(name: str, table: str, verbs: Sequence[str], when: str, said: str) -> list[str]:
    return [
        f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        for verb in verbs
    ]


def _in_postgresql(name: str, table: str, verbs: Sequence[str], when: str, said: str) -> list[str]:
    gone = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; " if "DELETE" in verbs else ""
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '{said}'; END IF; {gone}RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE {' OR '.join(verbs)} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


# Functions of PostgreSQL behind the triggers.
FUNCTIONS = tuple(rule[0] for rule in _RULES)
GUARDS = {
    "sqlite": tuple(statement for rule in _RULES for statement in _in_sqlite(*rule)),
    "postgresql": tuple(statement for rule in _RULES for statement in _in_postgresql(*rule)),
}


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, *, tables: Sequence[Table], **_options: Any) -> None:
    if {RoundOutcome.__table__, FollowUp.__table__} <= set(tables):
        for statement in GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
