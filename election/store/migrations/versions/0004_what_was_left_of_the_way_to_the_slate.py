"""What was left of the way to the frozen slate: proposals keep their lines, objections are settled, lots are committed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OBJECTION = "CREATE TABLE objection_made (id INTEGER NOT NULL, notice_id INTEGER NOT NULL, about_person_id INTEGER, about VARCHAR(120) NOT NULL, raised_by VARCHAR(60) NOT NULL, text TEXT NOT NULL, received_at DATETIME NOT NULL, finding TEXT, upheld BOOLEAN, closed_by_id INTEGER, closed_at DATETIME, settled_how VARCHAR(400) NOT NULL, settled_by_id INTEGER, settled_at DATETIME, CONSTRAINT pk_objection PRIMARY KEY (id), CONSTRAINT ck_objection_closed_whole CHECK ((finding IS NULL) = (closed_at IS NULL) AND (finding IS NULL) = (upheld IS NULL) AND (finding IS NULL) = (closed_by_id IS NULL)), CONSTRAINT ck_objection_closed_with_finding CHECK (finding IS NULL OR length(finding) > 0), CONSTRAINT ck_objection_about_someone CHECK ((about_person_id IS NULL) = (length(about) > 0)), CONSTRAINT ck_objection_settled_whole CHECK ((settled_at IS NULL) = (settled_by_id IS NULL) AND (settled_at IS NULL) = (length(settled_how) = 0)), CONSTRAINT ck_objection_settled_is_upheld CHECK (settled_at IS NULL OR (upheld IS NOT NULL AND upheld)), CONSTRAINT fk_objection_notice_id FOREIGN KEY(notice_id) REFERENCES notice (id), CONSTRAINT fk_objection_about_person_id FOREIGN KEY(about_person_id) REFERENCES person (id), CONSTRAINT fk_objection_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES person (id), CONSTRAINT fk_objection_settled_by_id FOREIGN KEY(settled_by_id) REFERENCES person (id))"


def upgrade() -> None:
    op.create_table(
        "unit_proposal_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("forward", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("forward OR length(reason) > 0", name=op.f("ck_unit_proposal_line_left_out_has_reason")),
        sa.ForeignKeyConstraint(["proposal_id"], ["unit_proposal.id"], name=op.f("fk_unit_proposal_line_proposal_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_unit_proposal_line_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_proposal_line")),
        sa.UniqueConstraint(
            "proposal_id", "application_id", name=op.f("uq_unit_proposal_line_proposal_id_application_id")
        ),
    )
    op.create_index("ix_unit_proposal_line_application_id", "unit_proposal_line", ["application_id"])
    # Who was put forward left the reason empty: that is how an older version tells the two apart.
    op.execute(
        "INSERT INTO unit_proposal_line (proposal_id, application_id, forward, reason) "
        "SELECT proposal_id, id, state <> 'left_out', CASE WHEN state = 'left_out' THEN ended_because ELSE '' END "
        "FROM application WHERE proposal_id IS NOT NULL"
    )
    op.create_table(
        "speech_commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slate_id", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(half) = 64 AND length(hash) = 64", name=op.f("ck_speech_commitment_is_hashed")),
        sa.ForeignKeyConstraint(["slate_id"], ["slate.id"], name=op.f("fk_speech_commitment_slate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_speech_commitment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_commitment")),
        sa.UniqueConstraint("slate_id", name=op.f("uq_speech_commitment_slate_id")),
    )
    op.create_table(
        "slate_reprint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slate_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["slate_id"], ["slate.id"], name=op.f("fk_slate_reprint_slate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slate_reprint_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slate_reprint")),
        sa.UniqueConstraint("slate_id", name=op.f("uq_slate_reprint_slate_id")),
    )
    op.add_column("roster_verification", sa.Column("content", sa.JSON(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _make_objections_anew()
    else:
        _alter_objections()


def _make_objections_anew() -> None:
    """SQLite cannot loosen a column: the table is made anew (foreign keys rest meanwhile, see `upgrade_to_head`)."""
    op.execute(OBJECTION)
    known = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("objection")]
    into, values = ", ".join([*known, "about", "settled_how"]), ", ".join([*known, "''", "''"])
    op.execute(f"INSERT INTO objection_made ({into}) SELECT {values} FROM objection")  # noqa: S608 - names of columns
    op.execute("DROP TABLE objection")
    op.execute("ALTER TABLE objection_made RENAME TO objection")
    op.create_index("ix_objection_notice_id", "objection", ["notice_id"])


def _alter_objections() -> None:
    op.alter_column("objection", "about_person_id", nullable=True)
    op.add_column("objection", sa.Column("about", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("objection", sa.Column("settled_how", sa.String(length=400), nullable=False, server_default=""))
    op.add_column("objection", sa.Column("settled_by_id", sa.Integer(), nullable=True))
    op.add_column("objection", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key("fk_objection_settled_by_id", "objection", "person", ["settled_by_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_objection_about_someone"), "objection", "(about_person_id IS NULL) = (length(about) > 0)"
    )
    op.create_check_constraint(
        op.f("ck_objection_settled_whole"),
        "objection",
        "(settled_at IS NULL) = (settled_by_id IS NULL) AND (settled_at IS NULL) = (length(settled_how) = 0)",
    )
    op.create_check_constraint(
        op.f("ck_objection_settled_is_upheld"), "objection", "settled_at IS NULL OR (upheld IS NOT NULL AND upheld)"
    )
