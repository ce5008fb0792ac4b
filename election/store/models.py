"""What the store itself keeps: the installation, the audit chains and their events, idle until an act records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, MetaData, String, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from election.store.base import Base


class Installation(Base):
    """The one row that says what this folder is. A demo is marked for ever and refuses a real congress."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    demo: Mapped[bool]
    created_at: Mapped[datetime]


class AuditChain(Base):
    """One chain per congress and one for the installation: its length and the hash of its last event."""

    __tablename__ = "audit_chain"
    __table_args__ = (CheckConstraint("length >= 0", name="length_not_negative"),)

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    length: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default="")


class AuditEvent(Base):
    """Who did what, when, to which thing; each event holds the hash of the one before. Never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("chain", "position"),
        CheckConstraint("position >= 1", name="position_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(ForeignKey("audit_chain.name"))
    position: Mapped[int]
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


# The database itself refuses to change or remove what was recorded, and to take back a chain's length.
GUARDS = {
    "sqlite": (
        *(
            f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
            "BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END"
            for verb in ("UPDATE", "DELETE")
        ),
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain "
        "WHEN NEW.name <> OLD.name OR NEW.length <> OLD.length + 1 "
        "BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
        "CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain "
        "BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit chain is never changed'; END $$",
        "CREATE FUNCTION audit_grow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.name <> OLD.name OR NEW.length <> OLD.length + 1 THEN "
        "RAISE EXCEPTION 'the audit chain is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_grow()",
        "CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, *, tables: Sequence[Table], **_options: Any) -> None:
    if AuditEvent.__table__ in tables:
        for statement in GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
