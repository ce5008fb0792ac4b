"""From the roster to the frozen slate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


MADE_ANEW = {
    "application": "CREATE TABLE application_made (id INTEGER NOT NULL, congress_id INTEGER NOT NULL, member_id INTEGER NOT NULL, branch_id INTEGER NOT NULL, unit_id INTEGER NOT NULL, category_id INTEGER NOT NULL, source VARCHAR(40) NOT NULL, state VARCHAR(40) NOT NULL, statement TEXT NOT NULL, career TEXT NOT NULL, recommended_by VARCHAR(120) NOT NULL, proposal_id INTEGER, ended_because VARCHAR(200) NOT NULL, submitted_at DATETIME NOT NULL, CONSTRAINT pk_application PRIMARY KEY (id), CONSTRAINT fk_application_unit FOREIGN KEY(unit_id, congress_id) REFERENCES unit (id, congress_id), CONSTRAINT fk_application_category FOREIGN KEY(category_id, congress_id) REFERENCES category (id, congress_id), CONSTRAINT fk_application_unit_branch FOREIGN KEY(congress_id, branch_id) REFERENCES unit_branch (congress_id, branch_id), CONSTRAINT fk_application_congress_id FOREIGN KEY(congress_id) REFERENCES congress (id), CONSTRAINT fk_application_member_id FOREIGN KEY(member_id) REFERENCES member (id), CONSTRAINT fk_application_branch_id FOREIGN KEY(branch_id) REFERENCES organisation (id), CONSTRAINT ck_application_source CHECK (source IN ('self', 'organisation', 'joint', 'public')), CONSTRAINT ck_application_state CHECK (state IN ('applied', 'preliminary', 'not_nominated', 'put_forward', 'left_out', 'proposed', 'review_refused', 'withdrawn', 'ended')), CONSTRAINT fk_application_proposal_id FOREIGN KEY(proposal_id) REFERENCES unit_proposal (id))",
    "branch_ballot": "CREATE TABLE branch_ballot_made (id INTEGER NOT NULL, congress_id INTEGER NOT NULL, branch_id INTEGER NOT NULL, category_id INTEGER NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, places INTEGER, reason VARCHAR(400) NOT NULL, superseded_at DATETIME, held_on DATE NOT NULL, voters INTEGER NOT NULL, excluded_because VARCHAR(400) NOT NULL, expected INTEGER NOT NULL, present INTEGER NOT NULL, issued INTEGER NOT NULL, returned INTEGER NOT NULL, valid INTEGER NOT NULL, spoiled INTEGER NOT NULL, votes_needed INTEGER NOT NULL, person_id INTEGER NOT NULL, recorded_at DATETIME NOT NULL, CONSTRAINT pk_branch_ballot PRIMARY KEY (id), CONSTRAINT uq_branch_ballot_counted UNIQUE (congress_id, branch_id, category_id, number, version), CONSTRAINT ck_branch_ballot_counted_from_one CHECK (number >= 1 AND version >= 1), CONSTRAINT ck_branch_ballot_places_at_least_one CHECK (places IS NULL OR places >= 1), CONSTRAINT ck_branch_ballot_correction_has_reason CHECK (version = 1 OR length(reason) > 0), CONSTRAINT ck_branch_ballot_expected_have_a_vote CHECK (expected <= voters), CONSTRAINT ck_branch_ballot_fewer_expected_explained CHECK (expected = voters OR length(excluded_because) > 0), CONSTRAINT ck_branch_ballot_ballots_add_up CHECK (present <= expected AND issued <= present AND returned <= issued), CONSTRAINT ck_branch_ballot_returned_add_up CHECK (valid + spoiled = returned AND valid >= 0 AND spoiled >= 0), CONSTRAINT ck_branch_ballot_votes_needed_at_least_one CHECK (votes_needed >= 1), CONSTRAINT fk_branch_ballot_category FOREIGN KEY(category_id, congress_id) REFERENCES category (id, congress_id), CONSTRAINT fk_branch_ballot_unit_branch FOREIGN KEY(congress_id, branch_id) REFERENCES unit_branch (congress_id, branch_id), CONSTRAINT fk_branch_ballot_congress_id FOREIGN KEY(congress_id) REFERENCES congress (id), CONSTRAINT fk_branch_ballot_branch_id FOREIGN KEY(branch_id) REFERENCES organisation (id), CONSTRAINT fk_branch_ballot_person_id FOREIGN KEY(person_id) REFERENCES person (id))",
    "branch_ballot_line": "CREATE TABLE branch_ballot_line_made (id INTEGER NOT NULL, ballot_id INTEGER NOT NULL, application_id INTEGER NOT NULL, votes_for INTEGER NOT NULL, votes_against INTEGER NOT NULL, abstentions INTEGER NOT NULL, passed BOOLEAN NOT NULL, CONSTRAINT pk_branch_ballot_line PRIMARY KEY (id), CONSTRAINT uq_branch_ballot_line_ballot_id_application_id UNIQUE (ballot_id, application_id), CONSTRAINT ck_branch_ballot_line_votes_not_negative CHECK (votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0), CONSTRAINT ck_branch_ballot_line_passed_with_votes CHECK (NOT passed OR votes_for >= 1), CONSTRAINT fk_branch_ballot_line_ballot_id FOREIGN KEY(ballot_id) REFERENCES branch_ballot (id), CONSTRAINT fk_branch_ballot_line_application_id FOREIGN KEY(application_id) REFERENCES application (id))",
    "member": "CREATE TABLE member_made (id INTEGER NOT NULL, person_id INTEGER NOT NULL, branch_id INTEGER, standing VARCHAR(40) NOT NULL, suspension VARCHAR(40), joined_on DATE, category VARCHAR(20) NOT NULL, post VARCHAR(80) NOT NULL, right_since DATE, right_until DATE, right_reason VARCHAR(400) NOT NULL, left_on DATE, left_because VARCHAR(40), left_note VARCHAR(200) NOT NULL, CONSTRAINT pk_member PRIMARY KEY (id), CONSTRAINT uq_member_person_id UNIQUE (person_id), CONSTRAINT ck_member_left_without_branch CHECK ((branch_id IS NULL) = (left_on IS NOT NULL) AND (left_on IS NULL) = (left_because IS NULL)), CONSTRAINT ck_member_suspension_is_of_a_full_member CHECK (suspension IS NULL OR standing = 'full'), CONSTRAINT ck_member_right_ends_after_it_begins CHECK (right_since IS NULL OR right_until IS NULL OR right_until >= right_since), CONSTRAINT fk_member_person_id FOREIGN KEY(person_id) REFERENCES person (id), CONSTRAINT fk_member_branch_id FOREIGN KEY(branch_id) REFERENCES organisation (id), CONSTRAINT ck_member_standing CHECK (standing IN ('full', 'probationary')), CONSTRAINT ck_member_suspension CHECK (suspension IN ('under_watch', 'detained', 'arrested')), CONSTRAINT ck_member_left_because CHECK (left_because IN ('transferred', 'died', 'expelled', 'duplicate')))",
    "review": "CREATE TABLE review_made (id INTEGER NOT NULL, application_id INTEGER NOT NULL, approved BOOLEAN NOT NULL, reason TEXT NOT NULL, person_id INTEGER NOT NULL, reviewed_at DATETIME NOT NULL, superseded_at DATETIME, CONSTRAINT pk_review PRIMARY KEY (id), CONSTRAINT ck_review_refusal_has_reason CHECK (approved OR length(reason) > 0), CONSTRAINT fk_review_application_id FOREIGN KEY(application_id) REFERENCES application (id), CONSTRAINT fk_review_person_id FOREIGN KEY(person_id) REFERENCES person (id))",
}
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER slate_frozen BEFORE UPDATE ON slate WHEN OLD.state IN ('frozen', 'superseded') AND (NEW.round_id IS NOT OLD.round_id OR NEW.version IS NOT OLD.version OR NEW.submitted_by_id IS NOT OLD.submitted_by_id OR NEW.frozen_by_id IS NOT OLD.frozen_by_id OR NEW.frozen_at IS NOT OLD.frozen_at OR NEW.order_reason IS NOT OLD.order_reason OR NEW.content IS NOT OLD.content OR NEW.hash IS NOT OLD.hash OR NEW.state NOT IN (OLD.state, 'superseded')) BEGIN SELECT RAISE(ABORT, 'a frozen slate is never changed'); END",
        "CREATE TRIGGER slate_frozen_stays BEFORE DELETE ON slate WHEN OLD.state IN ('frozen', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen slate is never changed'); END",
        "CREATE TRIGGER candidate_frozen_insert BEFORE INSERT ON candidate WHEN (SELECT state FROM slate WHERE id = NEW.slate_id) IN ('frozen', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen slate is never changed'); END",
        "CREATE TRIGGER candidate_frozen_update BEFORE UPDATE ON candidate WHEN (SELECT state FROM slate WHERE id = OLD.slate_id) IN ('frozen', 'superseded') OR (SELECT state FROM slate WHERE id = NEW.slate_id) IN ('frozen', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen slate is never changed'); END",
        "CREATE TRIGGER candidate_frozen_delete BEFORE DELETE ON candidate WHEN (SELECT state FROM slate WHERE id = OLD.slate_id) IN ('frozen', 'superseded') BEGIN SELECT RAISE(ABORT, 'a frozen slate is never changed'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION slate_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.state IN ('frozen', 'superseded') AND (TG_OP = 'DELETE' OR NEW.round_id::text IS DISTINCT FROM OLD.round_id::text OR NEW.version::text IS DISTINCT FROM OLD.version::text OR NEW.submitted_by_id::text IS DISTINCT FROM OLD.submitted_by_id::text OR NEW.frozen_by_id::text IS DISTINCT FROM OLD.frozen_by_id::text OR NEW.frozen_at::text IS DISTINCT FROM OLD.frozen_at::text OR NEW.order_reason::text IS DISTINCT FROM OLD.order_reason::text OR NEW.content::text IS DISTINCT FROM OLD.content::text OR NEW.hash::text IS DISTINCT FROM OLD.hash::text OR NEW.state NOT IN (OLD.state, 'superseded')) THEN RAISE EXCEPTION 'a frozen slate is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION candidate_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP <> 'INSERT' AND (SELECT state FROM slate WHERE id = OLD.slate_id) IN ('frozen', 'superseded') THEN RAISE EXCEPTION 'a frozen slate is never changed'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF (SELECT state FROM slate WHERE id = NEW.slate_id) IN ('frozen', 'superseded') THEN RAISE EXCEPTION 'a frozen slate is never changed'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER slate_frozen BEFORE UPDATE OR DELETE ON slate FOR EACH ROW EXECUTE FUNCTION slate_keep()",
        "CREATE TRIGGER candidate_frozen BEFORE INSERT OR UPDATE OR DELETE ON candidate FOR EACH ROW EXECUTE FUNCTION candidate_keep()",
    ),
}
# Rules that the congresses from before do not have yet, with their defaults.
RULES = {
    "women_floor_advice": "members",
    "member_age_least": 18,
    "nomination_source": "open",
    "joint_signers": 10,
    "branch_places": "majority",
    "review_criteria": ["政治素质合格", "党员身份和选举权属实", "符合所报类别", "遵纪守法和廉洁自律", "具备履职能力"],
    "review_bodies": ["纪检监察机关", "公安机关"],
}


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("rest", "makeup", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("day", name=op.f("uq_calendar_day_day")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("migrant", "away", "unfit", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
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
            nullable=True,
        ),
        sa.Column("whereabouts", sa.String(length=120), nullable=False),
        sa.Column(
            "notified",
            sa.Enum(
                "visit", "telephone", "letter", name="notified", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(notified IS NULL) = (notified_on IS NULL)", name=op.f("ck_absence_notification_whole")),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_absence_congress_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_absence_member_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("congress_id", "member_id", name=op.f("uq_absence_congress_id_member_id")),
    )
    op.create_index(op.f("ix_absence_member_id"), "absence", ["member_id"], unique=False)
    op.create_table(
        "margin_exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(reason) > 0 AND length(document) > 0", name=op.f("ck_margin_exemption_is_recorded")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"],
            ["category.id", "category.congress_id"],
            name=op.f("fk_margin_exemption_category_id_congress_id"),
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_margin_exemption_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_margin_exemption_person_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"],
            ["unit.id", "unit.congress_id"],
            name=op.f("fk_margin_exemption_unit_id_congress_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_margin_exemption")),
    )
    op.create_index(op.f("ix_margin_exemption_congress_id"), "margin_exemption", ["congress_id"], unique=False)
    op.create_index(
        "uq_margin_exemption_one_in_force",
        "margin_exemption",
        ["unit_id", "category_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "reopening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_reopening_has_reason")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_reopening_number_from_one")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"],
            ["category.id", "category.congress_id"],
            name=op.f("fk_reopening_category_id_congress_id"),
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_reopening_congress_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reopening_person_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name=op.f("fk_reopening_unit_id_congress_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
        sa.UniqueConstraint("unit_id", "category_id", "number", name=op.f("uq_reopening_unit_id_category_id_number")),
    )
    op.create_index(op.f("ix_reopening_congress_id"), "reopening", ["congress_id"], unique=False)
    op.create_table(
        "unit_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_unit_proposal_number_from_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_unit_proposal_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_proposal_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_proposal")),
        sa.UniqueConstraint("unit_id", "number", name=op.f("uq_unit_proposal_unit_id_number")),
    )
    op.create_table(
        "branch_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("congress_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places >= 1", name=op.f("ck_branch_places_at_least_one")),
        sa.ForeignKeyConstraint(["branch_id"], ["organisation.id"], name=op.f("fk_branch_places_branch_id")),
        sa.ForeignKeyConstraint(
            ["category_id", "congress_id"],
            ["category.id", "category.congress_id"],
            name=op.f("fk_branch_places_category_id_congress_id"),
        ),
        sa.ForeignKeyConstraint(
            ["congress_id", "branch_id"],
            ["unit_branch.congress_id", "unit_branch.branch_id"],
            name=op.f("fk_branch_places_congress_id_branch_id"),
        ),
        sa.ForeignKeyConstraint(["congress_id"], ["congress.id"], name=op.f("fk_branch_places_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_places")),
        sa.UniqueConstraint(
            "congress_id", "branch_id", "category_id", name=op.f("uq_branch_places_congress_id_branch_id_category_id")
        ),
    )
    op.create_table(
        "application_signer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_signer_application_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_application_signer_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_signer")),
        sa.UniqueConstraint("application_id", "member_id", name=op.f("uq_application_signer_application_id_member_id")),
    )
    op.create_index(op.f("ix_application_signer_member_id"), "application_signer", ["member_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("no_objection", "objection", name="verdict", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verdict = 'no_objection' OR length(text) > 0", name=op.f("ck_opinion_objection_says_what")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_opinion_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index(
        "uq_opinion_one_in_force",
        "opinion",
        ["application_id", "body"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "review_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.CheckConstraint("met OR length(note) > 0", name=op.f("ck_review_finding_unmet_has_note")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_finding_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_finding")),
        sa.UniqueConstraint("review_id", "criterion", name=op.f("uq_review_finding_review_id_criterion")),
    )
    op.create_table(
        "speech_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slate_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("witness", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(seed) > 0", name=op.f("ck_speech_order_has_seed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_speech_order_person_id")),
        sa.ForeignKeyConstraint(["slate_id"], ["slate.id"], name=op.f("fk_speech_order_slate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_order")),
        sa.UniqueConstraint("slate_id", name=op.f("uq_speech_order_slate_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        _alter()
    op.add_column("roster_import", sa.Column("rows_left_out", sa.Integer(), nullable=False, server_default="0"))
    # What waited for a click was checked without what the page shows now: it is uploaded again.
    op.execute("DELETE FROM roster_upload")
    op.add_column("roster_upload", sa.Column("preview", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("slate", sa.Column("superseded_because", sa.String(length=400), nullable=False, server_default=""))
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    _add_rules()


def _make_anew() -> None:
    """SQLite cannot change a constraint: the table is made anew, filled from the old one, and takes its name.

    Foreign keys rest meanwhile (see `upgrade_to_head`), so that nothing that refers to the table is touched.
    """
    for name, statement in MADE_ANEW.items():
        op.execute(statement)
        known = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)]
        more = {
            "application": {"career": "''", "recommended_by": "''"},
            "branch_ballot": {
                "number": "1",
                "version": "1",
                "reason": "''",
                "voters": "expected",
                "excluded_because": "''",
            },
            "member": {"right_reason": "''", "left_note": "''"},
        }.get(name, {})
        into, values = ", ".join([*known, *more]), ", ".join([*known, *more.values()])
        op.execute(f"INSERT INTO {name}_made ({into}) SELECT {values} FROM {name}")  # noqa: S608 - names of columns
        op.execute(f"DROP TABLE {name}")
        op.execute(f"ALTER TABLE {name}_made RENAME TO {name}")
    op.create_index("ix_application_congress_id", "application", ["congress_id"])
    op.create_index("ix_application_member_id", "application", ["member_id"])
    op.create_index(
        "uq_application_one_alive",
        "application",
        ["congress_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn' AND state <> 'ended'"),
    )
    op.create_index("ix_branch_ballot_congress_id", "branch_ballot", ["congress_id"])
    op.create_index("ix_member_branch_id", "member", ["branch_id"])
    _index_versions()


def _index_versions() -> None:
    op.create_index(
        "uq_branch_ballot_one_in_force",
        "branch_ballot",
        ["congress_id", "branch_id", "category_id", "number"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index("ix_branch_ballot_line_application_id", "branch_ballot_line", ["application_id"])
    op.create_index(
        "uq_review_one_in_force",
        "review",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def _alter() -> None:
    op.add_column("application", sa.Column("career", sa.Text(), nullable=False, server_default=""))
    op.add_column("application", sa.Column("recommended_by", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("application", sa.Column("proposal_id", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_application_proposal_id", "application", "unit_proposal", ["proposal_id"], ["id"])
    states = (
        "'applied', 'preliminary', 'not_nominated', 'put_forward', 'left_out', 'proposed', 'review_refused', "
        "'withdrawn', 'ended'"
    )
    op.execute("ALTER TABLE application DROP CONSTRAINT ck_application_state")
    op.execute(f"ALTER TABLE application ADD CONSTRAINT ck_application_state CHECK (state IN ({states}))")
    op.add_column("branch_ballot", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("branch_ballot", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("branch_ballot", sa.Column("places", sa.Integer(), nullable=True))
    op.add_column("branch_ballot", sa.Column("reason", sa.String(length=400), nullable=False, server_default=""))
    op.add_column("branch_ballot", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("branch_ballot", sa.Column("voters", sa.Integer(), nullable=True))
    # How many had a vote then is not known any more; that nobody was left out is what the older version took for granted.
    op.execute("UPDATE branch_ballot SET voters = expected")
    op.alter_column("branch_ballot", "voters", nullable=False)
    op.add_column(
        "branch_ballot", sa.Column("excluded_because", sa.String(length=400), nullable=False, server_default="")
    )
    op.create_check_constraint(op.f("ck_branch_ballot_expected_have_a_vote"), "branch_ballot", "expected <= voters")
    op.create_check_constraint(
        op.f("ck_branch_ballot_fewer_expected_explained"),
        "branch_ballot",
        "expected = voters OR length(excluded_because) > 0",
    )
    op.drop_constraint("uq_branch_ballot_congress_id_branch_id_category_id", "branch_ballot", type_="unique")
    op.create_unique_constraint(
        "uq_branch_ballot_counted", "branch_ballot", ["congress_id", "branch_id", "category_id", "number", "version"]
    )
    op.create_check_constraint(
        op.f("ck_branch_ballot_counted_from_one"), "branch_ballot", "number >= 1 AND version >= 1"
    )
    op.create_check_constraint(
        op.f("ck_branch_ballot_places_at_least_one"), "branch_ballot", "places IS NULL OR places >= 1"
    )
    op.create_check_constraint(
        op.f("ck_branch_ballot_correction_has_reason"), "branch_ballot", "version = 1 OR length(reason) > 0"
    )
    op.add_column("review", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_review_application_id", "review", type_="unique")
    op.drop_index("ix_branch_ballot_line_ballot_id", table_name="branch_ballot_line")
    op.drop_constraint("uq_branch_ballot_line_application_id", "branch_ballot_line", type_="unique")
    op.create_unique_constraint(
        "uq_branch_ballot_line_ballot_id_application_id", "branch_ballot_line", ["ballot_id", "application_id"]
    )
    _index_versions()
    op.alter_column("member", "branch_id", nullable=True)
    op.add_column("member", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("member", sa.Column("left_because", sa.String(length=40), nullable=True))
    op.add_column("member", sa.Column("left_note", sa.String(length=200), nullable=False, server_default=""))
    op.create_check_constraint(
        op.f("ck_member_left_because"),
        "member",
        "left_because IN ('transferred', 'died', 'expelled', 'duplicate')",
    )
    op.create_check_constraint(
        op.f("ck_member_left_without_branch"),
        "member",
        "(branch_id IS NULL) = (left_on IS NOT NULL) AND (left_on IS NULL) = (left_because IS NULL)",
    )
    op.add_column("member", sa.Column("right_since", sa.Date(), nullable=True))
    op.add_column("member", sa.Column("right_until", sa.Date(), nullable=True))
    op.add_column("member", sa.Column("right_reason", sa.String(length=400), nullable=False, server_default=""))
    op.create_check_constraint(
        op.f("ck_member_right_ends_after_it_begins"),
        "member",
        "right_since IS NULL OR right_until IS NULL OR right_until >= right_since",
    )


def _add_rules() -> None:
    rules = sa.table(
        "rule_value", sa.column("congress_id"), sa.column("name"), sa.column("value", sa.JSON), sa.column("frozen_at")
    )
    connection = op.get_bind()
    for (congress_id,) in connection.execute(sa.text("SELECT id FROM congress")).all():
        has = set(connection.scalars(sa.select(rules.c.name).where(rules.c.congress_id == congress_id)))
        for name, value in RULES.items():
            if name not in has:
                connection.execute(rules.insert().values(congress_id=congress_id, name=name, value=value))
