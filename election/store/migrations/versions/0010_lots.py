"""A tie that the rules let the lot decide: the lot as it was drawn, kept as it was written."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KINDS = {
    "round": "kind IN ('ordinary', 'tie_ballot', 'supplementary', 'rerun', 'lot')",
    "follow_up": "kind IN ('rerun', 'tie_ballot', 'lot', 'supplementary', 'vacant', 'strike')",
}
KEPT = {
    "sqlite": (
        "CREATE TRIGGER lot_commitment_kept BEFORE UPDATE ON lot_commitment WHEN NEW.id IS NOT OLD.id OR NEW.follow_up_id IS NOT OLD.follow_up_id OR NEW.half IS NOT OLD.half OR NEW.hash IS NOT OLD.hash OR NEW.person_id IS NOT OLD.person_id OR NEW.committed_at IS NOT OLD.committed_at BEGIN SELECT RAISE(ABORT, 'a half that was committed to is never changed'); END",
        "CREATE TRIGGER lot_commitment_stays BEFORE DELETE ON lot_commitment BEGIN SELECT RAISE(ABORT, 'a half that was committed to is never changed'); END",
        "CREATE TRIGGER lot_draw_kept BEFORE UPDATE ON lot_draw WHEN NEW.id IS NOT OLD.id OR NEW.commitment_id IS NOT OLD.commitment_id OR NEW.tie_id IS NOT OLD.tie_id OR NEW.round_id IS NOT OLD.round_id OR NEW.witness IS NOT OLD.witness OR NEW.content IS NOT OLD.content OR NEW.person_id IS NOT OLD.person_id OR NEW.drawn_at IS NOT OLD.drawn_at BEGIN SELECT RAISE(ABORT, 'a lot that was drawn is never changed'); END",
        "CREATE TRIGGER lot_draw_stays BEFORE DELETE ON lot_draw BEGIN SELECT RAISE(ABORT, 'a lot that was drawn is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION lot_commitment_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a half that was committed to is never changed'; END IF; IF NEW.id::text IS DISTINCT FROM OLD.id::text OR NEW.follow_up_id::text IS DISTINCT FROM OLD.follow_up_id::text OR NEW.half::text IS DISTINCT FROM OLD.half::text OR NEW.hash::text IS DISTINCT FROM OLD.hash::text OR NEW.person_id::text IS DISTINCT FROM OLD.person_id::text OR NEW.committed_at::text IS DISTINCT FROM OLD.committed_at::text THEN RAISE EXCEPTION 'a half that was committed to is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER lot_commitment_kept BEFORE UPDATE OR DELETE ON lot_commitment FOR EACH ROW EXECUTE FUNCTION lot_commitment_keep()",
        "CREATE FUNCTION lot_draw_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a lot that was drawn is never changed'; END IF; IF NEW.id::text IS DISTINCT FROM OLD.id::text OR NEW.commitment_id::text IS DISTINCT FROM OLD.commitment_id::text OR NEW.tie_id::text IS DISTINCT FROM OLD.tie_id::text OR NEW.round_id::text IS DISTINCT FROM OLD.round_id::text OR NEW.witness::text IS DISTINCT FROM OLD.witness::text OR NEW.content::text IS DISTINCT FROM OLD.content::text OR NEW.person_id::text IS DISTINCT FROM OLD.person_id::text OR NEW.drawn_at::text IS DISTINCT FROM OLD.drawn_at::text THEN RAISE EXCEPTION 'a lot that was drawn is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER lot_draw_kept BEFORE UPDATE OR DELETE ON lot_draw FOR EACH ROW EXECUTE FUNCTION lot_draw_keep()",
    ),
}


def upgrade() -> None:
    kind = op.get_bind().dialect.name
    for table, allowed in KINDS.items():
        if kind == "sqlite":
            _make_anew(table, allowed)
        else:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
            op.create_check_constraint(op.f(f"ck_{table}_kind"), table, allowed)
    op.create_table(
        "lot_commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(half) > 0 AND length(hash) > 0", name=op.f("ck_lot_commitment_is_whole")),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name=op.f("fk_lot_commitment_follow_up_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lot_commitment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_commitment")),
        sa.UniqueConstraint("follow_up_id", name=op.f("uq_lot_commitment_follow_up_id")),
    )
    op.create_table(
        "lot_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("tie_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("witness", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(witness) > 0", name=op.f("ck_lot_draw_has_witness")),
        sa.ForeignKeyConstraint(["commitment_id"], ["lot_commitment.id"], name=op.f("fk_lot_draw_commitment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lot_draw_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_lot_draw_round_id")),
        sa.ForeignKeyConstraint(["tie_id"], ["round_outcome.id"], name=op.f("fk_lot_draw_tie_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_draw")),
        sa.UniqueConstraint("commitment_id", name=op.f("uq_lot_draw_commitment_id")),
        sa.UniqueConstraint("round_id", name=op.f("uq_lot_draw_round_id")),
        sa.UniqueConstraint("tie_id", name=op.f("uq_lot_draw_tie_id")),
    )
    for statement in KEPT[kind]:
        op.execute(statement)


def _make_anew(table: str, allowed: str) -> None:
    """SQLite cannot loosen a check: the table is made anew with its indexes and triggers, as they stand but for the kinds
    (foreign keys rest meanwhile, see `upgrade_to_head`).
    """
    connection = op.get_bind()
    stands = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL AND type "
    made = connection.execute(sa.text(f"{stands} = 'table'"), {"table": table}).scalar_one()
    beside = connection.execute(sa.text(f"{stands} <> 'table' ORDER BY type"), {"table": table}).scalars().all()
    anew, checks = re.subn(r"CHECK \(kind IN \([^)]*\)\)", f"CHECK ({allowed})", made)
    anew, names = re.subn(rf'^CREATE TABLE "?{table}"? ', f"CREATE TABLE {table}_made ", anew)
    if (checks, names) != (1, 1):
        raise RuntimeError(f"the table {table} is not as it was made")
    # A trigger of another table may speak of this one, which for a moment is not there: `upgrade_to_head` sees to it.
    for statement in (
        anew,
        f"INSERT INTO {table}_made SELECT * FROM {table}",  # noqa: S608
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_made RENAME TO {table}",
        *beside,
    ):
        connection.exec_driver_sql(statement)
