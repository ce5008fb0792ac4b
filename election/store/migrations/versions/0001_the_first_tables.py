"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain WHEN NEW.name <> OLD.name OR NEW.length <> OLD.length + 1 BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
        "CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit chain is never changed'; END $$",
        "CREATE FUNCTION audit_grow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name <> OLD.name OR NEW.length <> OLD.length + 1 THEN RAISE EXCEPTION 'the audit chain is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_grow()",
        "CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length >= 0", name=op.f("ck_audit_chain_length_not_negative")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "congress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("county", sa.String(length=40), nullable=False),
        sa.Column("total_seats", sa.Integer(), nullable=False),
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "preparation",
                "registration",
                "nomination",
                "election",
                "announcement",
                "archive",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "board_mode",
            sa.Enum(
                "curtain",
                "progress",
                "results",
                name="board_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_number", sa.String(length=80), nullable=True),
        sa.Column("reply_on", sa.Date(), nullable=True),
        sa.Column("reply_waived_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(reply_number IS NULL) = (reply_on IS NULL)", name=op.f("ck_congress_reply_whole")),
        sa.CheckConstraint("length(code) > 0", name=op.f("ck_congress_code_not_empty")),
        sa.CheckConstraint(
            "reply_waived_because IS NULL OR reply_number IS NULL", name=op.f("ck_congress_reply_recorded_or_waived")
        ),
        sa.CheckConstraint("total_seats >= 1", name=op.f("ck_congress_seats_at_least_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_congress")),
        sa.UniqueConstraint("code", name=op.f("uq_congress_code")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "committee",
                "general_branch",
                "branch",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'committee') = (parent_id IS NULL)", name=op.f("ck_organisation_committee_on_top")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_organisation_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("identity_key", sa.String(length=64), nullable=True),
        sa.Column("identity_sealed", sa.String(length=300), nullable=True),
        sa.Column(
            "sex",
            sa.Enum("male", "female", name="sex", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("ethnicity", sa.String(length=20), nullable=False),
        sa.Column("education", sa.String(length=20), nullable=False),
        sa.CheckConstraint("(identity_key IS NULL) = (identity_sealed IS NULL)", name=op.f("ck_person_identity_whole")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_person_name_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("identity_key", name=op.f("uq_person_identity_key")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_audit_event_position_from_one")),
        sa.ForeignKeyConstraint(["chain"], ["audit_chain.name"], name=op.f("fk_audit_event_chain")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("chain", "position", name=op.f("uq_audit_event_chain_position")),
    )
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("share", sa.String(length=40), nullable=False),
        sa.Column("takes_assigned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_category_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("congress_id", "code", name=op.f("uq_category_congress_id_code")),
        sa.UniqueConstraint("congress_id", "name", name=op.f("uq_category_congress_id_name")),
        sa.UniqueConstraint("congress_id", "position", name=op.f("uq_category_congress_id_position")),
        sa.UniqueConstraint("id", "congress_id", name=op.f("uq_category_id_congress_id")),
    )
    op.create_index(
        "uq_category_one_takes_assigned",
        "category",
        ["congress_id"],
        unique=True,
        sqlite_where=sa.text("takes_assigned"),
        postgresql_where=sa.text("takes_assigned"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("full", "probationary", name="standing", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "suspension",
            sa.Enum(
                "under_watch",
                "detained",
                "arrested",
                name="suspension",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("post", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "suspension IS NULL OR standing = 'full'", name=op.f("ck_member_suspension_is_of_a_full_member")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["organisation.id"], name=op.f("fk_member_branch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("person_id", name=op.f("uq_member_person_id")),
    )
    op.create_index(op.f("ix_member_branch_id"), "member", ["branch_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "electors", "candidates", "results", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= published_on", name=op.f("ck_notice_ends_after_it_begins")),
        sa.CheckConstraint("length(content_hash) = 64", name=op.f("ck_notice_is_hashed")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_notice_number_from_one")),
        sa.CheckConstraint("working_days >= 0", name=op.f("ck_notice_working_days_not_negative")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_notice_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("congress_id", "kind", "number", name=op.f("uq_notice_congress_id_kind_number")),
    )
    op.create_table(
        "overlay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("share", sa.String(length=40), nullable=False),
        sa.Column(
            "fact",
            sa.Enum(
                "women",
                "age_at_most",
                "ethnic_minority",
                name="fact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.CheckConstraint("(fact = 'age_at_most') = (age IS NOT NULL)", name=op.f("ck_overlay_age_where_it_counts")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_overlay_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlay")),
        sa.UniqueConstraint("congress_id", "code", name=op.f("uq_overlay_congress_id_code")),
        sa.UniqueConstraint("congress_id", "position", name=op.f("uq_overlay_congress_id_position")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(published_by_id IS NULL) = (published_at IS NULL)", name=op.f("ck_publication_published_whole")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_publication_published_or_withdrawn")
        ),
        sa.CheckConstraint(
            "published_by_id IS NULL OR published_by_id <> proposed_by_id",
            name=op.f("ck_publication_published_by_another_person"),
        ),
        sa.CheckConstraint("version = 1 OR length(reason) > 0", name=op.f("ck_publication_correction_has_reason")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_publication_congress_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_publication_proposed_by_id")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_publication_published_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("congress_id", "version", name=op.f("uq_publication_congress_id_version")),
    )
    op.create_index(op.f("ix_publication_congress_id"), "publication", ["congress_id"], unique=False)
    op.create_index(
        "uq_publication_one_open",
        "publication",
        ["congress_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "relative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("relative_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.CheckConstraint("person_id < relative_id", name=op.f("ck_relative_smaller_first")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relative_person_id")),
        sa.ForeignKeyConstraint(["relative_id"], ["person.id"], name=op.f("fk_relative_relative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relative")),
        sa.UniqueConstraint("person_id", "relative_id", name=op.f("uq_relative_person_id_relative_id")),
    )
    op.create_table(
        "roster_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("organisations_added", sa.Integer(), nullable=False),
        sa.Column("members_added", sa.Integer(), nullable=False),
        sa.Column("members_changed", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "organisations_added >= 0 AND members_added >= 0 AND members_changed >= 0",
            name=op.f("ck_roster_import_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_roster_import_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_import_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    op.create_table(
        "roster_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_roster_upload_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_upload_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_upload")),
        sa.UniqueConstraint("congress_id", "person_id", name=op.f("uq_roster_upload_congress_id_person_id")),
    )
    op.create_table(
        "rule_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_by", sa.String(length=60), nullable=True),
        sa.CheckConstraint("(frozen_at IS NULL) = (frozen_by IS NULL)", name=op.f("ck_rule_value_frozen_whole")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_rule_value_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_value")),
        sa.UniqueConstraint("congress_id", "name", name=op.f("uq_rule_value_congress_id_name")),
    )
    op.create_table(
        "scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "returned",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.Column("allocation", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("basis_hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_because", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'superseded')) = (approved_by_id IS NOT NULL)",
            name=op.f("ck_scheme_approved_by_someone"),
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR length(returned_because) > 0", name=op.f("ck_scheme_returned_has_reason")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR submitted_by_id IS NOT NULL", name=op.f("ck_scheme_submitted_by_someone")
        ),
        sa.CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_scheme_approval_whole")),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by_id IS NULL)", name=op.f("ck_scheme_submission_whole")
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR (submitted_by_id IS NOT NULL AND approved_by_id <> submitted_by_id AND approved_by_id <> author_id)",
            name=op.f("ck_scheme_approved_by_another_person"),
        ),
        sa.CheckConstraint("length(hash) = 64 AND length(basis_hash) = 64", name=op.f("ck_scheme_is_hashed")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_scheme_number_from_one")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_scheme_approved_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_scheme_author_id")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_scheme_congress_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["person.id"], name=op.f("fk_scheme_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme")),
        sa.UniqueConstraint("congress_id", "number", name=op.f("uq_scheme_congress_id_number")),
    )
    op.create_index(
        "uq_scheme_one_approved",
        "scheme",
        ["congress_id"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "township",
                "organ",
                "education",
                "health",
                "security",
                "state_enterprise",
                "private_enterprise",
                "armed_forces",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("factor_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("factor = '1' OR length(factor_reason) > 0", name=op.f("ck_unit_factor_has_reason")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_unit_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("congress_id", "code", name=op.f("uq_unit_congress_id_code")),
        sa.UniqueConstraint("congress_id", "name", name=op.f("uq_unit_congress_id_name")),
        sa.UniqueConstraint("congress_id", "position", name=op.f("uq_unit_congress_id_position")),
        sa.UniqueConstraint("id", "congress_id", name=op.f("uq_unit_id_congress_id")),
    )
    op.create_table(
        "assigned_leader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_assigned_leader_congress_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assigned_leader_member_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"],
            ["unit.id", "unit.congress_id"],
            name=op.f("fk_assigned_leader_unit_id_congress_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assigned_leader")),
        sa.UniqueConstraint("congress_id", "member_id", name=op.f("uq_assigned_leader_congress_id_member_id")),
    )
    op.create_table(
        "contest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("contested", "uncontested", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_contest_seats_at_least_one")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_contest_category"
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_contest_congress_id")),
        sa.ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name="fk_contest_unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest")),
        sa.UniqueConstraint("unit_id", "category_id", "kind", name=op.f("uq_contest_unit_id_category_id_kind")),
    )
    op.create_index(op.f("ix_contest_congress_id"), "contest", ["congress_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "opened",
                "ballots_recorded",
                "closed",
                "called_off",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("exclusions_consented", sa.Boolean(), nullable=False),
        sa.Column("method_adopted", sa.Boolean(), nullable=False),
        sa.Column("scrutineers_voted", sa.Boolean(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_meeting_closed_whole")),
        sa.CheckConstraint(
            "state IN ('planned', 'called_off') OR (opened_at IS NOT NULL AND opened_by_id IS NOT NULL)",
            name=op.f("ck_meeting_opening_whole"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'called_off') OR expected IS NOT NULL", name=op.f("ck_meeting_open_has_expected")
        ),
        sa.CheckConstraint("expected IS NULL OR expected >= 1", name=op.f("ck_meeting_expected_at_least_one")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_meeting_congress_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_meeting_opened_by_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name=op.f("fk_meeting_unit_id_congress_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("unit_id", "number", name=op.f("uq_meeting_unit_id_number")),
    )
    op.create_index(op.f("ix_meeting_congress_id"), "meeting", ["congress_id"], unique=False)
    op.create_index(
        "uq_meeting_one_alive",
        "meeting",
        ["unit_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('closed', 'called_off')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'called_off')"),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("about_person_id", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(finding IS NULL) = (closed_at IS NULL) AND (finding IS NULL) = (upheld IS NULL) AND (finding IS NULL) = (closed_by_id IS NULL)",
            name=op.f("ck_objection_closed_whole"),
        ),
        sa.CheckConstraint("finding IS NULL OR length(finding) > 0", name=op.f("ck_objection_closed_with_finding")),
        sa.ForeignKeyConstraint(["about_person_id"], ["person.id"], name=op.f("fk_objection_about_person_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_objection_closed_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_objection_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_notice_id"), "objection", ["notice_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "office",
                "approver",
                "unit_clerk",
                "branch_clerk",
                "teller",
                "scrutineer",
                "credentials_reviewer",
                "observer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("congress_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role = 'admin') = (congress_id IS NULL)", name=op.f("ck_role_grant_admin_is_for_the_installation")
        ),
        sa.CheckConstraint(
            "role <> 'branch_clerk' OR organisation_id IS NOT NULL", name=op.f("ck_role_grant_branch_clerk_has_branch")
        ),
        sa.CheckConstraint(
            "role <> 'unit_clerk' OR unit_id IS NOT NULL", name=op.f("ck_role_grant_unit_clerk_has_unit")
        ),
        sa.CheckConstraint(
            "unit_id IS NULL OR organisation_id IS NULL", name=op.f("ck_role_grant_unit_or_organisation")
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_role_grant_congress_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_role_grant_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name=op.f("fk_role_grant_unit_id_congress_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_table(
        "roster_verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("electors_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "expected >= 0 AND expected <= members", name=op.f("ck_roster_verification_expected_within_members")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_verification_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_roster_verification_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_verification")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_roster_verification_unit_id")),
    )
    op.create_table(
        "scheme_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("weight", sa.String(length=40), nullable=False),
        sa.Column("fair_share", sa.String(length=24), nullable=False),
        sa.CheckConstraint("assigned >= 0 AND assigned <= seats", name=op.f("ck_scheme_cell_assigned_within_seats")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_scheme_cell_seats_not_negative")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_scheme_cell_category_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_cell_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_scheme_cell_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_cell")),
        sa.UniqueConstraint(
            "scheme_id", "unit_id", "category_id", name=op.f("uq_scheme_cell_scheme_id_unit_id_category_id")
        ),
    )
    op.create_index(op.f("ix_scheme_cell_scheme_id"), "scheme_cell", ["scheme_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "unit_branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["organisation.id"], name=op.f("fk_unit_branch_branch_id")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_unit_branch_congress_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name=op.f("fk_unit_branch_unit_id_congress_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_branch")),
        sa.UniqueConstraint("congress_id", "branch_id", name=op.f("uq_unit_branch_congress_id_branch_id")),
    )
    op.create_index(op.f("ix_unit_branch_unit_id"), "unit_branch", ["unit_id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "self",
                "organisation",
                "joint",
                "public",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "preliminary",
                "not_nominated",
                "proposed",
                "review_refused",
                "withdrawn",
                "ended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["organisation.id"], name=op.f("fk_application_branch_id")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_application_category"
        ),
        sa.ForeignKeyConstraint(
            ["congress_id", "branch_id"],
            ["unit_branch.congress_id", "unit_branch.branch_id"],
            name="fk_application_unit_branch",
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_application_congress_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_application_member_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name="fk_application_unit"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index(op.f("ix_application_congress_id"), "application", ["congress_id"], unique=False)
    op.create_index(op.f("ix_application_member_id"), "application", ["member_id"], unique=False)
    op.create_index(
        "uq_application_one_alive",
        "application",
        ["congress_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn' AND state <> 'ended'"),
        postgresql_where=sa.text("state <> 'withdrawn' AND state <> 'ended'"),
    )
    op.create_table(
        "branch_ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("spoiled", sa.Integer(), nullable=False),
        sa.Column("votes_needed", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "present <= expected AND issued <= present AND returned <= issued",
            name=op.f("ck_branch_ballot_ballots_add_up"),
        ),
        sa.CheckConstraint(
            "valid + spoiled = returned AND valid >= 0 AND spoiled >= 0", name=op.f("ck_branch_ballot_returned_add_up")
        ),
        sa.CheckConstraint("votes_needed >= 1", name=op.f("ck_branch_ballot_votes_needed_at_least_one")),
        sa.ForeignKeyConstraint(["branch_id"], ["organisation.id"], name=op.f("fk_branch_ballot_branch_id")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_branch_ballot_category"
        ),
        sa.ForeignKeyConstraint(
            ["congress_id", "branch_id"],
            ["unit_branch.congress_id", "unit_branch.branch_id"],
            name="fk_branch_ballot_unit_branch",
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_branch_ballot_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_branch_ballot_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_ballot")),
        sa.UniqueConstraint(
            "congress_id", "branch_id", "category_id", name=op.f("uq_branch_ballot_congress_id_branch_id_category_id")
        ),
    )
    op.create_index(op.f("ix_branch_ballot_congress_id"), "branch_ballot", ["congress_id"], unique=False)
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "ill",
                "abroad",
                "serving",
                "frail",
                "working_away",
                "retired_away",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_exclusion_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_exclusion_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("meeting_id", "member_id", name=op.f("uq_exclusion_meeting_id_member_id")),
    )
    op.create_table(
        "meeting_officer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "office",
            sa.Enum("scrutineer", "teller", name="office", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_officer_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_meeting_officer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_officer")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_meeting_officer_meeting_id_person_id")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ordinary",
                "tie_ballot",
                "supplementary",
                "rerun",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(void_at IS NULL) = (void_by_id IS NULL) AND (void_at IS NULL) = (void_reason IS NULL)",
            name=op.f("ck_round_void_whole"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_round_number_from_one")),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_round_seats_at_least_one")),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_round_contest_id")),
        sa.ForeignKeyConstraint(["void_by_id"], ["person.id"], name=op.f("fk_round_void_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("contest_id", "number", name=op.f("uq_round_contest_id_number")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.CheckConstraint("present IS NULL OR present >= 0", name=op.f("ck_venue_present_not_negative")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_venue_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("id", "meeting_id", name=op.f("uq_venue_id_meeting_id")),
        sa.UniqueConstraint("meeting_id", "number", name=op.f("uq_venue_meeting_id_number")),
    )
    op.create_table(
        "branch_ballot_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("abstentions", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT passed OR votes_for >= 1", name=op.f("ck_branch_ballot_line_passed_with_votes")),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0",
            name=op.f("ck_branch_ballot_line_votes_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_branch_ballot_line_application_id")
        ),
        sa.ForeignKeyConstraint(["ballot_id"], ["branch_ballot.id"], name=op.f("fk_branch_ballot_line_ballot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_ballot_line")),
        sa.UniqueConstraint("application_id", name=op.f("uq_branch_ballot_line_application_id")),
    )
    op.create_index(op.f("ix_branch_ballot_line_ballot_id"), "branch_ballot_line", ["ballot_id"], unique=False)
    op.create_table(
        "counting_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form_number", sa.String(length=20), nullable=False),
        sa.CheckConstraint("length(form_number) > 0", name=op.f("ck_counting_group_form_number_not_empty")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_counting_group_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_group")),
        sa.UniqueConstraint("venue_id", "number", name=op.f("uq_counting_group_venue_id_number")),
    )
    op.create_index(op.f("ix_counting_group_form_number"), "counting_group", ["form_number"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved OR length(reason) > 0", name=op.f("ck_review_refusal_has_reason")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_review_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("application_id", name=op.f("uq_review_application_id")),
    )
    op.create_table(
        "round_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("follow_up", sa.String(length=20), nullable=True),
        sa.Column("votes_needed", sa.Integer(), nullable=True),
        sa.Column("elected", sa.Integer(), nullable=False),
        sa.Column("tied_seats", sa.Integer(), nullable=False),
        sa.Column("shortfall", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("spoiled", sa.Integer(), nullable=False),
        sa.Column("contest", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "elected >= 0 AND tied_seats >= 0 AND shortfall >= 0", name=op.f("ck_round_outcome_not_negative")
        ),
        sa.CheckConstraint("present <= expected AND expected >= 1", name=op.f("ck_round_outcome_attendance_in_order")),
        sa.CheckConstraint("returned <= issued AND issued <= present", name=op.f("ck_round_outcome_ballots_in_order")),
        sa.CheckConstraint(
            "valid >= 0 AND spoiled >= 0 AND valid + spoiled = returned", name=op.f("ck_round_outcome_returned_adds_up")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_round_outcome_version_from_one")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_outcome_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_outcome")),
        sa.UniqueConstraint("round_id", "version", name=op.f("uq_round_outcome_round_id_version")),
    )
    op.create_index(
        "uq_round_outcome_one_in_force",
        "round_outcome",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "slate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "frozen",
                "returned",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_by_id", sa.Integer(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_because", sa.String(length=400), nullable=False),
        sa.Column("order_reason", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("in_use_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('frozen', 'superseded')) = (frozen_by_id IS NOT NULL)", name=op.f("ck_slate_frozen_by_someone")
        ),
        sa.CheckConstraint("in_use_at IS NULL OR state = 'frozen'", name=op.f("ck_slate_in_use_is_frozen")),
        sa.CheckConstraint(
            "state <> 'returned' OR length(returned_because) > 0", name=op.f("ck_slate_returned_has_reason")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'returned') OR submitted_by_id IS NOT NULL", name=op.f("ck_slate_handed_in_by_someone")
        ),
        sa.CheckConstraint("(frozen_at IS NULL) = (frozen_by_id IS NULL)", name=op.f("ck_slate_freezing_whole")),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by_id IS NULL)", name=op.f("ck_slate_submission_whole")
        ),
        sa.CheckConstraint(
            "frozen_by_id IS NULL OR (content IS NOT NULL AND length(hash) = 64)",
            name=op.f("ck_slate_frozen_is_hashed"),
        ),
        sa.CheckConstraint(
            "frozen_by_id IS NULL OR (submitted_by_id IS NOT NULL AND frozen_by_id <> submitted_by_id)",
            name=op.f("ck_slate_frozen_by_another_person"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_slate_version_from_one")),
        sa.ForeignKeyConstraint(["frozen_by_id"], ["person.id"], name=op.f("fk_slate_frozen_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_slate_round_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["person.id"], name=op.f("fk_slate_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slate")),
        sa.UniqueConstraint("round_id", "version", name=op.f("uq_slate_round_id_version")),
    )
    op.create_index(op.f("ix_slate_round_id"), "slate", ["round_id"], unique=False)
    op.create_index(
        "uq_slate_one_in_force",
        "slate",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'superseded'"),
        postgresql_where=sa.text("state <> 'superseded'"),
    )
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slate_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_candidate_position_from_one")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_candidate_application_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_candidate_member_id")),
        sa.ForeignKeyConstraint(["slate_id"], ["slate.id"], name=op.f("fk_candidate_slate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("slate_id", "member_id", name=op.f("uq_candidate_slate_id_member_id")),
        sa.UniqueConstraint("slate_id", "position", name=op.f("uq_candidate_slate_id_position")),
    )
    op.create_index(op.f("ix_candidate_slate_id"), "candidate", ["slate_id"], unique=False)
    op.create_table(
        "count_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("ballot", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "empty",
                "first_in_progress",
                "first_has_errors",
                "first_finalised",
                "second_in_progress",
                "entries_equal",
                "entries_differ",
                "first_in_correction",
                "second_in_correction",
                "confirmed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_person_id", sa.Integer(), nullable=True),
        sa.Column("second_person_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawal_because", sa.String(length=400), nullable=False),
        sa.Column("reopened_by_id", sa.Integer(), nullable=True),
        sa.Column("reopening_agreed_by_id", sa.Integer(), nullable=True),
        sa.Column("reopened_because", sa.String(length=400), nullable=False),
        sa.Column("judged_by", sa.JSON(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name=op.f("ck_count_form_confirmed_has_confirmer")
        ),
        sa.CheckConstraint(
            "(state = 'empty') = (first_person_id IS NULL)", name=op.f("ck_count_form_entered_has_first_person")
        ),
        sa.CheckConstraint(
            "(state IN ('empty', 'first_in_progress', 'first_has_errors', 'first_finalised')) = (second_person_id IS NULL)",
            name=op.f("ck_count_form_entered_twice_has_second_person"),
        ),
        sa.CheckConstraint(
            "withdrawal_asked_by_id IS NULL OR (state = 'confirmed' AND length(withdrawal_because) > 0)",
            name=op.f("ck_count_form_withdrawal_whole"),
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_count_form_confirmed_whole")
        ),
        sa.CheckConstraint(
            "(version = 1) = (reopened_by_id IS NULL) AND (version = 1) = (reopening_agreed_by_id IS NULL) AND (reopened_by_id IS NULL OR length(reopened_because) > 0)",
            name=op.f("ck_count_form_reopened_has_reason"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR (first_person_id IS NOT NULL AND second_person_id IS NOT NULL AND first_person_id <> second_person_id AND confirmed_by_id <> first_person_id AND confirmed_by_id <> second_person_id)",
            name=op.f("ck_count_form_three_persons"),
        ),
        sa.CheckConstraint(
            "reopened_by_id IS NULL OR reopened_by_id <> reopening_agreed_by_id",
            name=op.f("ck_count_form_reopened_by_two_persons"),
        ),
        sa.CheckConstraint(
            "second_person_id IS NULL OR (first_person_id IS NOT NULL AND first_person_id <> second_person_id)",
            name=op.f("ck_count_form_second_is_another_person"),
        ),
        sa.CheckConstraint(
            "version >= 1 AND ballot >= 1 AND revision >= 0", name=op.f("ck_count_form_numbers_from_one")
        ),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_count_form_confirmed_by_id")),
        sa.ForeignKeyConstraint(["first_person_id"], ["person.id"], name=op.f("fk_count_form_first_person_id")),
        sa.ForeignKeyConstraint(["group_id"], ["counting_group.id"], name=op.f("fk_count_form_group_id")),
        sa.ForeignKeyConstraint(["reopened_by_id"], ["person.id"], name=op.f("fk_count_form_reopened_by_id")),
        sa.ForeignKeyConstraint(
            ["reopening_agreed_by_id"], ["person.id"], name=op.f("fk_count_form_reopening_agreed_by_id")
        ),
        sa.ForeignKeyConstraint(["second_person_id"], ["person.id"], name=op.f("fk_count_form_second_person_id")),
        sa.ForeignKeyConstraint(
            ["withdrawal_asked_by_id"], ["person.id"], name=op.f("fk_count_form_withdrawal_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_form")),
        sa.UniqueConstraint("group_id", "ballot", "version", name=op.f("uq_count_form_group_id_ballot_version")),
    )
    op.create_index(op.f("ix_count_form_number"), "count_form", ["number"], unique=False)
    op.create_index(
        "uq_count_form_one_in_force",
        "count_form",
        ["group_id", "ballot"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "meeting_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("slate_id", sa.Integer(), nullable=False),
        sa.Column("ballot", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ballot >= 1", name=op.f("ck_meeting_round_ballot_from_one")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_round_meeting_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_meeting_round_round_id")),
        sa.ForeignKeyConstraint(["slate_id"], ["slate.id"], name=op.f("fk_meeting_round_slate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_round")),
        sa.UniqueConstraint("meeting_id", "round_id", name=op.f("uq_meeting_round_meeting_id_round_id")),
        sa.UniqueConstraint("round_id", name=op.f("uq_meeting_round_round_id")),
        sa.UniqueConstraint("slate_id", name=op.f("uq_meeting_round_slate_id")),
    )
    op.create_index(op.f("ix_meeting_round_meeting_id"), "meeting_round", ["meeting_id"], unique=False)
    op.create_table(
        "candidate_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=False),
        sa.Column("votes_against", sa.Integer(), nullable=False),
        sa.Column("abstentions", sa.Integer(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "elected", "tied", "not_elected", name="result", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "result = 'not_elected' OR member_id IS NOT NULL", name=op.f("ck_candidate_result_elected_is_a_member")
        ),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_candidate_result_rank_from_one")),
        sa.CheckConstraint(
            "votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name=op.f("ck_candidate_result_not_negative")
        ),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_candidate_result_candidate_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_candidate_result_member_id")),
        sa.ForeignKeyConstraint(["outcome_id"], ["round_outcome.id"], name=op.f("fk_candidate_result_outcome_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_result")),
        sa.UniqueConstraint("outcome_id", "candidate_id", name=op.f("uq_candidate_result_outcome_id_candidate_id")),
        sa.UniqueConstraint("outcome_id", "member_id", name=op.f("uq_candidate_result_outcome_id_member_id")),
        sa.UniqueConstraint("outcome_id", "rank", name=op.f("uq_candidate_result_outcome_id_rank")),
    )
    op.create_table(
        "form_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("first", "second", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("has_errors", sa.Boolean(), nullable=False),
        sa.Column("finalised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["count_form.id"], name=op.f("fk_form_entry_form_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_form_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_entry")),
        sa.UniqueConstraint("form_id", "person_id", name=op.f("uq_form_entry_form_id_person_id")),
        sa.UniqueConstraint("form_id", "side", name=op.f("uq_form_entry_form_id_side")),
    )
    op.create_table(
        "venue_ballots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.CheckConstraint("issued >= 0 AND returned >= 0", name=op.f("ck_venue_ballots_not_negative")),
        sa.ForeignKeyConstraint(
            ["meeting_id", "round_id"],
            ["meeting_round.meeting_id", "meeting_round.round_id"],
            name=op.f("fk_venue_ballots_meeting_id_round_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "meeting_id"],
            ["venue.id", "venue.meeting_id"],
            name=op.f("fk_venue_ballots_venue_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_ballots")),
        sa.UniqueConstraint("venue_id", "round_id", name=op.f("uq_venue_ballots_venue_id_round_id")),
    )
    op.create_index(op.f("ix_venue_ballots_round_id"), "venue_ballots", ["round_id"], unique=False)
    op.create_index(
        "uq_role_grant_once",
        "role_grant",
        [
            "person_id",
            "role",
            sa.text("coalesce(congress_id, 0)"),
            sa.text("coalesce(unit_id, 0)"),
            sa.text("coalesce(organisation_id, 0)"),
        ],
        unique=True,
    )
    # The database itself refuses to change or remove what was recorded.
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
