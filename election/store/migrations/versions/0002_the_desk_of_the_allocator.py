"""The desk of the allocator."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


GUARDS = {
    "sqlite": (
        "CREATE TRIGGER scheme_frozen BEFORE UPDATE ON scheme WHEN OLD.state IN ('approved', 'superseded') AND (NEW.congress_id IS NOT OLD.congress_id OR NEW.number IS NOT OLD.number OR NEW.base IS NOT OLD.base OR NEW.source IS NOT OLD.source OR NEW.problem IS NOT OLD.problem OR NEW.allocation IS NOT OLD.allocation OR NEW.hash IS NOT OLD.hash OR NEW.basis IS NOT OLD.basis OR NEW.basis_hash IS NOT OLD.basis_hash OR NEW.note IS NOT OLD.note OR NEW.author_id IS NOT OLD.author_id OR NEW.computed_at IS NOT OLD.computed_at OR NEW.submitted_by_id IS NOT OLD.submitted_by_id OR NEW.submitted_at IS NOT OLD.submitted_at OR NEW.approved_by_id IS NOT OLD.approved_by_id OR NEW.approved_at IS NOT OLD.approved_at OR NEW.returned_because IS NOT OLD.returned_because OR NEW.state NOT IN (OLD.state, 'superseded')) BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_frozen_stays BEFORE DELETE ON scheme WHEN OLD.state IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_approved_by_other BEFORE UPDATE ON scheme WHEN OLD.approved_by_id IS NULL AND EXISTS (SELECT 1 FROM scheme_author WHERE scheme_id = NEW.id AND person_id = NEW.approved_by_id) BEGIN SELECT RAISE(ABORT, 'an author of a scheme does not approve it'); END",
        "CREATE TRIGGER seat_letter_issued BEFORE UPDATE ON seat_letter WHEN NEW.scheme_id IS NOT OLD.scheme_id OR NEW.unit_id IS NOT OLD.unit_id OR NEW.number IS NOT OLD.number OR NEW.hash IS NOT OLD.hash OR NEW.issued_at IS NOT OLD.issued_at OR NEW.issued_by_id IS NOT OLD.issued_by_id BEGIN SELECT RAISE(ABORT, 'an issued letter is never changed'); END",
        "CREATE TRIGGER seat_letter_stays BEFORE DELETE ON seat_letter BEGIN SELECT RAISE(ABORT, 'an issued letter is never changed'); END",
        "CREATE TRIGGER scheme_cell_frozen_insert BEFORE INSERT ON scheme_cell WHEN (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_cell_frozen_update BEFORE UPDATE ON scheme_cell WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') OR (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_cell_frozen_delete BEFORE DELETE ON scheme_cell WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER hand_change_frozen_insert BEFORE INSERT ON hand_change WHEN (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER hand_change_frozen_update BEFORE UPDATE ON hand_change WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') OR (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER hand_change_frozen_delete BEFORE DELETE ON hand_change WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_author_frozen_insert BEFORE INSERT ON scheme_author WHEN (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_author_frozen_update BEFORE UPDATE ON scheme_author WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') OR (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
        "CREATE TRIGGER scheme_author_frozen_delete BEFORE DELETE ON scheme_author WHEN (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen scheme is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION scheme_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.state IN ('approved', 'superseded') AND (TG_OP = 'DELETE' OR NEW.congress_id::text IS DISTINCT FROM OLD.congress_id::text OR NEW.number::text IS DISTINCT FROM OLD.number::text OR NEW.base::text IS DISTINCT FROM OLD.base::text OR NEW.source::text IS DISTINCT FROM OLD.source::text OR NEW.problem::text IS DISTINCT FROM OLD.problem::text OR NEW.allocation::text IS DISTINCT FROM OLD.allocation::text OR NEW.hash::text IS DISTINCT FROM OLD.hash::text OR NEW.basis::text IS DISTINCT FROM OLD.basis::text OR NEW.basis_hash::text IS DISTINCT FROM OLD.basis_hash::text OR NEW.note::text IS DISTINCT FROM OLD.note::text OR NEW.author_id::text IS DISTINCT FROM OLD.author_id::text OR NEW.computed_at::text IS DISTINCT FROM OLD.computed_at::text OR NEW.submitted_by_id::text IS DISTINCT FROM OLD.submitted_by_id::text OR NEW.submitted_at::text IS DISTINCT FROM OLD.submitted_at::text OR NEW.approved_by_id::text IS DISTINCT FROM OLD.approved_by_id::text OR NEW.approved_at::text IS DISTINCT FROM OLD.approved_at::text OR NEW.returned_because::text IS DISTINCT FROM OLD.returned_because::text OR NEW.state NOT IN (OLD.state, 'superseded')) THEN RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF OLD.approved_by_id IS NULL AND EXISTS (SELECT 1 FROM scheme_author WHERE scheme_id = NEW.id AND person_id = NEW.approved_by_id) THEN RAISE EXCEPTION 'an author of a scheme does not approve it'; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION scheme_part_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP <> 'INSERT' AND (SELECT state FROM scheme WHERE id = OLD.scheme_id) IN ('approved', 'superseded') THEN RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF (SELECT state FROM scheme WHERE id = NEW.scheme_id) IN ('approved', 'superseded') THEN RAISE EXCEPTION 'a frozen scheme is never changed'; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION seat_letter_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' OR NEW.scheme_id IS DISTINCT FROM OLD.scheme_id OR NEW.unit_id IS DISTINCT FROM OLD.unit_id OR NEW.number IS DISTINCT FROM OLD.number OR NEW.hash IS DISTINCT FROM OLD.hash OR NEW.issued_at IS DISTINCT FROM OLD.issued_at OR NEW.issued_by_id IS DISTINCT FROM OLD.issued_by_id THEN RAISE EXCEPTION 'an issued letter is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER seat_letter_issued BEFORE UPDATE OR DELETE ON seat_letter FOR EACH ROW EXECUTE FUNCTION seat_letter_keep()",
        "CREATE TRIGGER scheme_frozen BEFORE UPDATE OR DELETE ON scheme FOR EACH ROW EXECUTE FUNCTION scheme_keep()",
        "CREATE TRIGGER scheme_cell_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_cell FOR EACH ROW EXECUTE FUNCTION scheme_part_keep()",
        "CREATE TRIGGER hand_change_frozen BEFORE INSERT OR UPDATE OR DELETE ON hand_change FOR EACH ROW EXECUTE FUNCTION scheme_part_keep()",
        "CREATE TRIGGER scheme_author_frozen BEFORE INSERT OR UPDATE OR DELETE ON scheme_author FOR EACH ROW EXECUTE FUNCTION scheme_part_keep()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "quota_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.CheckConstraint("least IS NOT NULL OR most IS NOT NULL", name=op.f("ck_quota_group_bounds_something")),
        sa.CheckConstraint("least IS NULL OR least >= 0", name=op.f("ck_quota_group_least_not_negative")),
        sa.CheckConstraint(
            "least IS NULL OR most IS NULL OR least <= most", name=op.f("ck_quota_group_least_within_most")
        ),
        sa.CheckConstraint("length(code) > 0 AND length(name) > 0", name=op.f("ck_quota_group_is_named")),
        sa.CheckConstraint("most IS NULL OR most >= 0", name=op.f("ck_quota_group_most_not_negative")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_quota_group_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_group")),
        sa.UniqueConstraint("congress_id", "code", name=op.f("uq_quota_group_congress_id_code")),
        sa.UniqueConstraint("congress_id", "name", name=op.f("uq_quota_group_congress_id_name")),
    )
    op.create_table(
        "hand_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cell",
                "unit",
                "category",
                "unit_least",
                "unit_most",
                "cell_most",
                "group_least",
                "group_most",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("group_code", sa.String(length=20), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("computed", sa.Integer(), nullable=True),
        sa.Column("computed_share", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(category_id IS NOT NULL) = (kind IN ('cell', 'cell_most', 'category'))",
            name=op.f("ck_hand_change_names_its_category"),
        ),
        sa.CheckConstraint(
            "(group_code <> '') = (kind IN ('group_least', 'group_most'))", name=op.f("ck_hand_change_names_its_group")
        ),
        sa.CheckConstraint(
            "(unit_id IS NOT NULL) = (kind IN ('cell', 'cell_most', 'unit', 'unit_least', 'unit_most'))",
            name=op.f("ck_hand_change_names_its_unit"),
        ),
        sa.CheckConstraint(
            "locked OR kind IN ('cell', 'unit', 'category')", name=op.f("ck_hand_change_bounds_are_locked")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_hand_change_has_reason")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_hand_change_seats_not_negative")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_hand_change_author_id")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_hand_change_category_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_hand_change_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hand_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_change")),
    )
    op.create_index(op.f("ix_hand_change_scheme_id"), "hand_change", ["scheme_id"], unique=False)
    op.create_table(
        "previous_seats",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_previous_seats_seats_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_previous_seats_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_previous_seats")),
    )
    op.create_table(
        "quota_group_category",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_quota_group_category_category_id")),
        sa.ForeignKeyConstraint(["group_id"], ["quota_group.id"], name=op.f("fk_quota_group_category_group_id")),
        sa.PrimaryKeyConstraint("group_id", "category_id", name=op.f("pk_quota_group_category")),
    )
    op.create_table(
        "quota_group_unit",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["quota_group.id"], name=op.f("fk_quota_group_unit_group_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_quota_group_unit_unit_id")),
        sa.PrimaryKeyConstraint("group_id", "unit_id", name=op.f("pk_quota_group_unit")),
    )
    op.create_table(
        "scheme_author",
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scheme_author_person_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_author_scheme_id")),
        sa.PrimaryKeyConstraint("scheme_id", "person_id", name=op.f("pk_scheme_author")),
    )
    op.create_table(
        "seat_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(received_on IS NULL) = (recorded_by_id IS NULL) AND (received_on IS NULL) = (recorded_at IS NULL) AND (received_on IS NULL) = (received_by = '')",
            name=op.f("ck_seat_letter_receipt_whole"),
        ),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_seat_letter_is_hashed")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_seat_letter_number_from_one")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_seat_letter_issued_by_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_seat_letter_recorded_by_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_seat_letter_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_seat_letter_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_letter")),
        sa.UniqueConstraint("scheme_id", "number", name=op.f("uq_seat_letter_scheme_id_number")),
        sa.UniqueConstraint("scheme_id", "unit_id", name=op.f("uq_seat_letter_scheme_id_unit_id")),
    )
    op.create_index(
        "uq_hand_change_once",
        "hand_change",
        ["scheme_id", "kind", sa.text("coalesce(unit_id, 0)"), sa.text("coalesce(category_id, 0)"), "group_code"],
        unique=True,
    )
    op.add_column("scheme", sa.Column("base", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("scheme", sa.Column("source", sa.String(length=200), nullable=False, server_default=""))
    # Schemes from before knew no change by hand: what was asked is what the roster gave, by one author.
    op.execute("UPDATE scheme SET base = problem")
    op.execute("INSERT INTO scheme_author (scheme_id, person_id) SELECT id, author_id FROM scheme")
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
