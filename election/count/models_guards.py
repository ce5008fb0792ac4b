"""What the database itself refuses to change: an outcome, the entries of a confirmed count form, a replaced form (edge case
19), ballots that an outcome relies on, the expected number of a meeting that was opened (11). And of the rounds of a contest:
two at once, one after another contest's, a decided one that falls while a later one stands, more seats left vacant than are
open; of a venue: counting groups where another one counts it. The operations ask the same, in words.
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
        " WHERE r.id = NEW.round_id)",
        "what followed from an outcome is taken back first",
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
