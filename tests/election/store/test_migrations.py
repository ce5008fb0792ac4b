"""A system that is already in use keeps what it holds when a newer version brings its tables up to date."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from election.rules import RULES
from election.store.database import Database
from election.store.migrations import configuration, upgrade_to_head
from tests.support.stores import Stores

# A little of everything that the third version makes anew, as a system of the second holds it.
HELD = (
    "INSERT INTO person (id, name, ethnicity, education) VALUES (1, '丁一', '', ''), (2, '王二', '', '')",
    "INSERT INTO organisation (id, code, name, kind) VALUES (1, '1000', '东镇党委', 'committee')",
    "INSERT INTO organisation (id, code, name, kind, parent_id) VALUES (2, '1001', '一支部', 'branch', 1)",
    "INSERT INTO member (id, person_id, branch_id, standing, suspension, category, post) "
    "VALUES (1, 1, 2, 'full', NULL, 'farmer', '组长'), (2, 2, 2, 'full', 'detained', 'farmer', '')",
    "INSERT INTO congress (id, code, name, county, total_seats, reference_date, phase, board_mode, revision, "
    "created_at) "
    "VALUES (1, 'c', '大会', '某县', 2, '2031-06-30', 'nomination', 'curtain', 0, '2031-03-03 01:00:00')",
    "INSERT INTO category (id, congress_id, code, position, name, name_en, share, takes_assigned) "
    "VALUES (1, 1, 'farmer', 1, '农民', '', '1', false)",
    "INSERT INTO unit (id, congress_id, code, position, name, kind, factor, factor_reason) "
    "VALUES (1, 1, 'u1', 1, '东镇', 'township', '1', '')",
    "INSERT INTO contest (id, congress_id, unit_id, category_id, kind, seats) VALUES (1, 1, 1, 1, 'contested', 2)",
    "INSERT INTO round (id, contest_id, number, kind, seats) VALUES (6, 1, 1, 'ordinary', 2)",
    "INSERT INTO unit_branch (id, congress_id, unit_id, branch_id) VALUES (1, 1, 1, 2)",
    "INSERT INTO rule_value (id, congress_id, name, value) VALUES (1000, 1, 'margin_min', '40')",
    "INSERT INTO application (id, congress_id, member_id, branch_id, unit_id, category_id, source, state, statement, "
    "ended_because, submitted_at) VALUES (7, 1, 1, 2, 1, 1, 'self', 'preliminary', '愿代言', '', '2031-03-03 01:00:00')",
    "INSERT INTO branch_ballot (id, congress_id, branch_id, category_id, held_on, expected, present, issued, returned, "
    "valid, spoiled, votes_needed, person_id, recorded_at) "
    "VALUES (5, 1, 2, 1, '2031-03-03', 3, 3, 3, 3, 3, 0, 2, 1, '2031-03-03 01:00:00')",
    "INSERT INTO branch_ballot_line (id, ballot_id, application_id, votes_for, votes_against, abstentions, passed) "
    "VALUES (9, 5, 7, 3, 0, 0, true)",
    "INSERT INTO roster_upload (id, congress_id, person_id, file_name, sealed, uploaded_at) "
    "VALUES (3, 1, 1, '花名册.xlsx', '', '2031-03-03 01:00:00')",
)
# What a system of the third version holds of a unit's proposal and of an objection.
PROPOSED = (
    "INSERT INTO unit_proposal (id, unit_id, number, person_id, proposed_at) VALUES (4, 1, 1, 1, '2031-03-04 01:00:00')",
    "UPDATE application SET state = 'put_forward', proposal_id = 4 WHERE id = 7",
    "INSERT INTO application (id, congress_id, member_id, branch_id, unit_id, category_id, source, state, statement, "
    "career, recommended_by, proposal_id, ended_because, submitted_at) "
    "VALUES (8, 1, 2, 2, 1, 1, 'self', 'left_out', '', '', '', 4, '年龄偏大', '2031-03-03 01:00:00')",
    "INSERT INTO notice (id, congress_id, kind, number, published_on, working_days, last_day, content, content_hash, "
    "person_id, published_at) VALUES (1, 1, 'candidates', 1, '2031-03-05', 5, '2031-03-12', '{}', "
    "'0000000000000000000000000000000000000000000000000000000000000000', 1, '2031-03-05 01:00:00')",
    "INSERT INTO objection (id, notice_id, about_person_id, raised_by, text, received_at) "
    "VALUES (6, 1, 2, '党员', '材料不实', '2031-03-06 01:00:00')",
)
KEPT = {
    "SELECT proposal_id, application_id, forward, reason, taken_back_at FROM unit_proposal_line "
    "ORDER BY application_id": [(4, 7, True, "", None), (4, 8, False, "年龄偏大", None)],
    "SELECT about_person_id, about, raised_by, settled_how, settled_at FROM objection": [(2, "", "党员", "", None)],
}
AFTERWARDS = {
    "SELECT id, statement, career, recommended_by, proposal_id, state FROM application": (
        7, "愿代言", "", "", None, "preliminary",
    ),
    "SELECT id, number, version, places, reason, superseded_at, valid FROM branch_ballot": (5, 1, 1, None, "", None, 3),
    "SELECT id, ballot_id, application_id, votes_for FROM branch_ballot_line": (9, 5, 7, 3),
    "SELECT id, post, right_since, right_until, right_reason FROM member WHERE id = 1": (1, "组长", None, None, ""),
    "SELECT suspension FROM member WHERE id = 2": ("detained",),
    "SELECT id, contest_id, number, kind, seats, void_at FROM round": (6, 1, 1, "ordinary", 2, None),
    # Checked by the older version: its page would have nothing to show.
    "SELECT count(*) FROM roster_upload": (0,),
}  # fmt: skip


@pytest.fixture
def in_use(stores: Stores):
    database = Database(stores.empty())
    config = configuration()
    with database.engine.execution_options(writing=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in HELD:
            connection.execute(text(statement))
    yield database
    database.close()


def test_what_an_older_system_holds_is_all_there_after_its_tables_were_made_anew(in_use: Database) -> None:
    upgrade_to_head(in_use)
    with in_use.reading() as session:
        for question, answer in AFTERWARDS.items():
            assert [tuple(row) for row in session.execute(text(question))] == [answer], question
        rules = {name: value for name, value in session.execute(text("SELECT name, value FROM rule_value"))}
    # Rules that came later have their defaults; what was set stays.
    later = {"nomination_source", "joint_signers", "branch_places", "review_bodies", "marks", "ballot_sheets"}
    assert {rule.name for rule in RULES} >= later and later <= set(rules) and str(rules["margin_min"]) == "40"


def test_proposals_have_their_lines_and_objections_whom_they_are_about(in_use: Database) -> None:
    upgrade_to_head(in_use, no_further_than="0003")
    with in_use.writing() as session:
        for statement in PROPOSED:
            session.execute(text(statement))
    upgrade_to_head(in_use)
    with in_use.reading() as session:
        for question, answer in KEPT.items():
            assert [tuple(row) for row in session.execute(text(question))] == answer, question


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE application SET state = 'elected'",
        "UPDATE application SET unit_id = 2",
        "UPDATE branch_ballot SET number = 0",
        "UPDATE round SET kind = 'drawn'",
        "DELETE FROM application WHERE id = 7",
        "UPDATE branch_ballot_line SET ballot_id = 6",
        "UPDATE member SET right_since = '2031-02-02', right_until = '2031-02-01'",
        "INSERT INTO member (id, person_id, branch_id, standing, category, post, right_reason) "
        "VALUES (3, 1, 2, 'full', 'farmer', '', '')",
    ],
)
def test_the_tables_made_anew_refuse_what_may_never_be(in_use: Database, statement: str) -> None:
    upgrade_to_head(in_use)
    with pytest.raises(DBAPIError), in_use.writing() as session:
        session.execute(text(statement))
