"""One evening: signing in, later votes, spoiled ballots by kind, and what follows after a vote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

VENUE_BALLOTS = "CREATE TABLE venue_ballots_made (id INTEGER NOT NULL, venue_id INTEGER NOT NULL, meeting_id INTEGER NOT NULL, round_id INTEGER NOT NULL, issued INTEGER NOT NULL, returned INTEGER, CONSTRAINT pk_venue_ballots PRIMARY KEY (id), CONSTRAINT uq_venue_ballots_venue_id_round_id UNIQUE (venue_id, round_id), CONSTRAINT fk_venue_ballots_venue_id_meeting_id FOREIGN KEY(venue_id, meeting_id) REFERENCES venue (id, meeting_id), CONSTRAINT fk_venue_ballots_meeting_id_round_id FOREIGN KEY(meeting_id, round_id) REFERENCES meeting_round (meeting_id, round_id), CONSTRAINT ck_venue_ballots_not_negative CHECK (issued >= 0 AND (returned IS NULL OR returned >= 0)))"


def upgrade() -> None:
    op.create_table(
        "attendee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_attendee_member_id")),
        sa.ForeignKeyConstraint(
            ["venue_id", "meeting_id"], ["venue.id", "venue.meeting_id"], name=op.f("fk_attendee_venue_id_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint("meeting_id", "member_id", name=op.f("uq_attendee_meeting_id_member_id")),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "rerun",
                "tie_ballot",
                "supplementary",
                "vacant",
                "strike",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("consented", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by_id", sa.Integer(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_because", sa.String(length=400), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_round_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'vacant') = (consented IS NOT NULL) AND (consented IS NULL) = (expected IS NULL) AND (consented IS NULL OR (consented * 2 > expected AND consented <= expected AND length(reason) > 0))",
            name=op.f("ck_follow_up_vacant_by_consent"),
        ),
        sa.CheckConstraint("kind <> 'strike' OR length(reason) > 0", name=op.f("ck_follow_up_struck_for_a_reason")),
        sa.CheckConstraint(
            "next_round_id IS NULL OR (agreed_at IS NOT NULL AND kind NOT IN ('vacant', 'strike'))",
            name=op.f("ck_follow_up_round_once_agreed"),
        ),
        sa.CheckConstraint("(agreed_at IS NULL) = (agreed_by_id IS NULL)", name=op.f("ck_follow_up_agreement_whole")),
        sa.CheckConstraint(
            "(dropped_at IS NULL) = (length(dropped_because) = 0)", name=op.f("ck_follow_up_dropping_whole")
        ),
        sa.CheckConstraint(
            "agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id", name=op.f("ck_follow_up_agreed_by_another_person")
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_follow_up_seats_at_least_one")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["person.id"], name=op.f("fk_follow_up_agreed_by_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_follow_up_meeting_id")),
        sa.ForeignKeyConstraint(["next_round_id"], ["round.id"], name=op.f("fk_follow_up_next_round_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_follow_up_proposed_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_follow_up_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("next_round_id", name=op.f("uq_follow_up_next_round_id")),
    )
    op.create_table(
        "venue_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("ballot", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.CheckConstraint("ballot >= 2", name=op.f("ck_venue_attendance_of_a_later_vote")),
        sa.CheckConstraint("present >= 0", name=op.f("ck_venue_attendance_present_not_negative")),
        sa.ForeignKeyConstraint(
            ["venue_id", "meeting_id"],
            ["venue.id", "venue.meeting_id"],
            name=op.f("fk_venue_attendance_venue_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_attendance")),
        sa.UniqueConstraint("venue_id", "ballot", name=op.f("uq_venue_attendance_venue_id_ballot")),
    )
    op.create_table(
        "spoiled_ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "over_marked",
                "unreadable",
                "torn",
                "not_issued",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_spoiled_ruling_number_from_one")),
        sa.ForeignKeyConstraint(
            ["meeting_id", "round_id"],
            ["meeting_round.meeting_id", "meeting_round.round_id"],
            name=op.f("fk_spoiled_ruling_meeting_id_round_id"),
        ),
        sa.ForeignKeyConstraint(
            ["venue_id", "meeting_id"],
            ["venue.id", "venue.meeting_id"],
            name=op.f("fk_spoiled_ruling_venue_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoiled_ruling")),
        sa.UniqueConstraint("venue_id", "round_id", "kind", name=op.f("uq_spoiled_ruling_venue_id_round_id_kind")),
    )
    op.create_index("ix_attendee_venue_id", "attendee", ["venue_id"])
    op.create_index("ix_follow_up_meeting_id", "follow_up", ["meeting_id"])
    op.create_index(
        "uq_follow_up_one_open",
        "follow_up",
        ["round_id"],
        unique=True,
        sqlite_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
    )
    op.create_index("ix_venue_attendance_meeting_id", "venue_attendance", ["meeting_id"])
    op.create_index("ix_spoiled_ruling_round_id", "spoiled_ruling", ["round_id"])
    if op.get_bind().dialect.name == "sqlite":
        _make_ballots_anew()
    else:
        op.alter_column("venue_ballots", "returned", nullable=True)
        op.execute("ALTER TABLE venue_ballots DROP CONSTRAINT ck_venue_ballots_not_negative")
        op.create_check_constraint(
            op.f("ck_venue_ballots_not_negative"),
            "venue_ballots",
            "issued >= 0 AND (returned IS NULL OR returned >= 0)",
        )


def _make_ballots_anew() -> None:
    """SQLite cannot loosen a column: the table is made anew (foreign keys rest meanwhile, see `upgrade_to_head`)."""
    op.execute(VENUE_BALLOTS)
    names = "id, venue_id, meeting_id, round_id, issued, returned"
    op.execute(f"INSERT INTO venue_ballots_made ({names}) SELECT {names} FROM venue_ballots")  # noqa: S608 - names of columns
    op.execute("DROP TABLE venue_ballots")
    op.execute("ALTER TABLE venue_ballots_made RENAME TO venue_ballots")
    op.create_index("ix_venue_ballots_round_id", "venue_ballots", ["round_id"])
