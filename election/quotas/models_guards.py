"""What the database itself refuses of a frozen scheme: nothing of it changes, and none of its authors approves it.

A seat letter stays what was issued; only its receipt is entered later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from election.quotas.models import Scheme
from election.store.base import Base

_KEPT = (
    "congress_id",
    "number",
    "base",
    "source",
    "problem",
    "allocation",
    "hash",
    "basis",
    "basis_hash",
    "note",
    "author_id",
    "computed_at",
    "submitted_by_id",
    "submitted_at",
    "approved_by_id",
    "approved_at",
    "returned_because",
)
_ISSUED = ("scheme_id", "unit_id", "number", "hash", "issued_at", "issued_by_id")
_PARTS = ("scheme_cell", "hand_change", "scheme_author")
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END"


def _part_in_sqlite(table: str, verb: str, rows: Sequence[str]) -> str:
    frozen = " OR ".join(
        f"(SELECT state FROM scheme WHERE id = {row}.scheme_id) IN ('approved', 'superseded')"  # noqa: S608 - NEW, OLD
        for row in rows
    )
    return f"CREATE TRIGGER {table}_frozen_{verb.lower()} BEFORE {verb} ON {table} WHEN {frozen} {_REFUSE}"


GUARDS = {
    "sqlite": (
        "CREATE TRIGGER scheme_frozen BEFORE UPDATE ON scheme WHEN OLD.state IN ('approved', 'superseded') AND ("
        + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _KEPT)
        + f" OR NEW.state NOT IN (OLD.state, 'superseded')) {_REFUSE}",
        "CREATE TRIGGER scheme_frozen_stays BEFORE DELETE ON scheme "
        f"WHEN OLD.state IN ('approved', 'superseded') {_REFUSE}",
        "CREATE TRIGGER scheme_approved_by_other BEFORE UPDATE ON scheme WHEN OLD.approved_by_id IS NULL AND "
        "EXISTS (SELECT 1 FROM scheme_author WHERE scheme_id = NEW.id AND person_id = NEW.approved_by_id) "
        "BEGIN SELECT RAISE(ABORT, 'an author of a scheme does not approve it'); END",
        "CREATE TRIGGER seat_letter_issued BEFORE UPDATE ON seat_letter WHEN "
        + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _ISSUED)
        + " BEGIN SELECT RAISE(ABORT, 'an issued letter is never changed'); END",
        "CREATE TRIGGER seat_letter_stays BEFORE DELETE ON seat_letter "
        "BEGIN SELECT RAISE(ABORT, 'an issued letter is never changed'); END",
        *(
            _part_in_sqlite(table, verb, rows)
            for table in _PARTS
            for verb, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",)))
        ),
    ),
    "postgresql": (
        "CREATE FUNCTION scheme_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - names of columns
        "IF OLD.state IN ('approved', 'superseded') AND (TG_OP = 'DELETE' OR "
        + " OR ".join(f"NEW.{column}::text IS DISTINCT FROM OLD.{column}::text" for column in _KEPT)
        + " OR NEW.state NOT IN (OLD.state, 'superseded')) THEN "
        "RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "IF OLD.approved_by_id IS NULL AND EXISTS (SELECT 1 FROM scheme_author "
        "WHERE scheme_id = NEW.id AND person_id = NEW.approved_by_id) THEN "
        "RAISE EXCEPTION 'an author of a scheme does not approve it'; END IF; "
        "RETURN NEW; END $$",
        "CREATE FUNCTION scheme_part_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'INSERT' AND (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') "
        "THEN RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "IF (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') "
        "THEN RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; "
        "RETURN NEW; END $$",
        "CREATE FUNCTION seat_letter_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' OR "
        + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _ISSUED)
        + " THEN RAISE EXCEPTION 'an issued letter is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER seat_letter_issued BEFORE UPDATE OR DELETE ON seat_letter "
        "FOR EACH ROW EXECUTE FUNCTION seat_letter_keep()",
        "CREATE TRIGGER scheme_frozen BEFORE UPDATE OR DELETE ON scheme FOR EACH ROW EXECUTE FUNCTION scheme_keep()",
        *(
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION scheme_part_keep()"
            for table in _PARTS
        ),
    ),
}


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, *, tables: Sequence[Table], **_options: Any) -> None:
    if Scheme.__table__ in tables:
        for statement in GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
