"""What the database itself refuses: a frozen slate never changes, and nobody joins or leaves it; what was counted, reviewed,
said, put forward, committed to or drawn stays as it was written (edge case 19).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from election.nomination.models import BranchBallotLine, Review, Slate, UnitProposalLine
from election.nomination.models_margin import SlateReprint, SpeechCommitment, SpeechOrder
from election.nomination.models_review import Opinion, ReviewFinding
from election.store.base import Base
from election.store.kept import keep

keep(BranchBallotLine, "what a branch counted is never changed")
keep(Review, "a review is never changed", but=["superseded_at"])
keep(ReviewFinding, "a review is never changed")
keep(Opinion, "an opinion is never changed", but=["superseded_at"])
keep(UnitProposalLine, "what a unit put forward is never changed", but=["taken_back_at"])
keep(SpeechCommitment, "a half that was committed to is never changed")
keep(SpeechOrder, "an order that was drawn is never changed")
keep(SlateReprint, "who printed anew is never changed")

_KEPT = ("round_id", "version", "submitted_by_id", "frozen_by_id", "frozen_at", "order_reason", "content", "hash")
_FROZEN = "('frozen', 'superseded')"
_SAID = "a frozen slate is never changed"
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"


def _candidate_in_sqlite(verb: str, rows: Sequence[str]) -> str:
    frozen = " OR ".join(f"(SELECT state FROM slate WHERE id = {row}.slate_id) IN {_FROZEN}" for row in rows)  # noqa: S608
    return f"CREATE TRIGGER candidate_frozen_{verb.lower()} BEFORE {verb} ON candidate WHEN {frozen} {_REFUSE}"


GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER slate_frozen BEFORE UPDATE ON slate WHEN OLD.state IN {_FROZEN} AND ("
        + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _KEPT)
        + f" OR NEW.state NOT IN (OLD.state, 'superseded')) {_REFUSE}",
        f"CREATE TRIGGER slate_frozen_stays BEFORE DELETE ON slate WHEN OLD.state IN {_FROZEN} {_REFUSE}",
        *(
            _candidate_in_sqlite(verb, rows)
            for verb, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",)))
        ),
    ),
    "postgresql": (
        "CREATE FUNCTION slate_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.state IN {_FROZEN} AND (TG_OP = 'DELETE' OR "
        + " OR ".join(f"NEW.{column}::text IS DISTINCT FROM OLD.{column}::text" for column in _KEPT)
        + f" OR NEW.state NOT IN (OLD.state, 'superseded')) THEN RAISE EXCEPTION '{_SAID}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION candidate_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608
        f"IF TG_OP <> 'INSERT' AND (SELECT state FROM slate WHERE id = OLD.slate_id) IN {_FROZEN} "
        f"THEN RAISE EXCEPTION '{_SAID}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF (SELECT state FROM slate WHERE id = NEW.slate_id) IN {_FROZEN} "
        f"THEN RAISE EXCEPTION '{_SAID}'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER slate_frozen BEFORE UPDATE OR DELETE ON slate FOR EACH ROW EXECUTE FUNCTION slate_keep()",
        "CREATE TRIGGER candidate_frozen BEFORE INSERT OR UPDATE OR DELETE ON candidate "
        "FOR EACH ROW EXECUTE FUNCTION candidate_keep()",
    ),
}


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, *, tables: Sequence[Table], **_options: Any) -> None:
    if Slate.__table__ in tables:
        for statement in GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
