"""The sums over all venues and groups, who a written-in name stands for, and the order of the names afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from election.contests.decide import parse_contest
from election.contests.models import ContestKind as SeatsKind
from election.contests.models import RoundKind
from election.contests.outcome import (
    ContestKind,
    ContestRules,
    MajorityBase,
    Quorum,
    TieRule,
    WriteInRule,
    decide,
)
from election.count.form import Attendance, FormContents, Marks, Section, WriteIn
from election.count.models import Result
from election.count.sheet import SheetCandidate, SheetSection
from election.count.summing import (
    Ballots,
    Bearers,
    Totals,
    WriteInRulings,
    Written,
    add_up,
    contest_json,
    contest_of,
    contest_rules,
    identify,
    kind_of,
    ranked,
)
from election.errors import Refused

NAMES = ("张平", "王军", "李梅")
CANDIDATES = tuple(
    SheetCandidate(str(30 + place), 300 + place, 3000 + place, name, None, None) for place, name in enumerate(NAMES)
)
SECTION = SheetSection(
    12, 5, 2, "leaders", "领导干部", 1, SeatsKind.CONTESTED, RoundKind.ORDINARY, 2, CANDIDATES, None, None
)
RULES = ContestRules(Quorum(4, 5), MajorityBase.EXPECTED, 40, WriteInRule.AGAINST_OR_ABSTAIN, TieRule.LOT)
SUMS = Totals(58, 1, {"30": (40, 10, 8), "31": (31, 20, 7), "32": (20, 30, 8)}, {})
BALLOTS = Ballots(expected=61, present=60, issued=60, returned=59)


def form(*rows: tuple[int | None, ...], written: Mapping[str, int | None] | None = None) -> FormContents:
    """A group's form: valid and spoiled, then three marks for each candidate."""
    (valid, spoiled), *marks = rows
    return FormContents(
        Attendance(),
        {
            "12": Section(
                valid=valid,
                spoiled=spoiled,
                candidates={one.id: Marks(*three) for one, three in zip(CANDIDATES, marks, strict=True)},
                write_ins=tuple(WriteIn(name, votes) for name, votes in (written or {}).items()),
            )
        },
    )


def test_every_figure_is_added_up_over_all_forms() -> None:
    first = form((40, 1), (30, 6, 4), (21, 15, 4), (10, 22, 8), written={"赵一": 2, "钱二": 1})
    second = form((18, 0), (10, 4, 4), (10, 5, 3), (10, 8, 0), written={"赵一": 3, "丁三": None})
    assert add_up(SECTION, [first, second]) == Totals(
        58, 1, {"30": (40, 10, 8), "31": (31, 20, 7), "32": (20, 30, 8)}, {"丁三": 0, "赵一": 5, "钱二": 1}
    )
    assert list(add_up(SECTION, [first, second]).written) == ["丁三", "赵一", "钱二"], "whatever the order of the forms"
    assert add_up(SECTION, []) == Totals(0, 0, {"30": (0, 0, 0), "31": (0, 0, 0), "32": (0, 0, 0)}, {})


def test_a_blank_adds_nothing() -> None:
    empty = form((None, None), (None, None, None), (None, None, None), (None, None, None))
    assert add_up(SECTION, [empty]) == add_up(SECTION, [])


@pytest.mark.parametrize(
    ("kind", "round_kind", "decided_as"),
    [
        (SeatsKind.CONTESTED, RoundKind.ORDINARY, ContestKind.CONTESTED),
        (SeatsKind.UNCONTESTED, RoundKind.ORDINARY, ContestKind.UNCONTESTED),
        (SeatsKind.CONTESTED, RoundKind.RERUN, ContestKind.CONTESTED),
        (SeatsKind.CONTESTED, RoundKind.TIE_BALLOT, ContestKind.TIE_BALLOT),
        (SeatsKind.UNCONTESTED, RoundKind.SUPPLEMENTARY, ContestKind.SUPPLEMENTARY),
    ],
)
def test_a_later_round_is_decided_by_its_own_rules(
    kind: SeatsKind, round_kind: RoundKind, decided_as: ContestKind
) -> None:
    assert kind_of(replace(SECTION, kind=kind, round_kind=round_kind)) is decided_as


def test_the_contest_has_the_meeting_s_figures_the_sums_and_the_rules() -> None:
    sums = replace(SUMS, written={"赵一": 35, "钱二": 3})
    made, written = contest_of(SECTION, BALLOTS, sums, RULES, {("赵一", "leaders"): [(7, True)]}, {})
    assert (made.kind, made.seats) == (ContestKind.CONTESTED, 2)
    assert (made.expected, made.present, made.issued, made.returned) == (61, 60, 60, 59)
    assert (made.valid, made.spoiled, made.rules) == (58, 1, RULES)
    assert [(one.id, one.for_, one.against, one.abstain) for one in made.candidates] == [
        ("c30", 40, 10, 8),
        ("c31", 31, 20, 7),
        ("c32", 20, 30, 8),
    ]
    assert [(one.id, one.for_, one.eligible) for one in made.write_ins] == [("w1", 35, True), ("w2", 3, False)]
    assert written == (Written("w1", "赵一", 35, 7, True), Written("w2", "钱二", 3, None, False))


def test_seats_filled_uncontested_have_no_margin_and_a_tie_ballot_no_write_ins() -> None:
    uncontested, _ = contest_of(replace(SECTION, kind=SeatsKind.UNCONTESTED), BALLOTS, SUMS, RULES, {}, {})
    tie_ballot, _ = contest_of(replace(SECTION, round_kind=RoundKind.TIE_BALLOT), BALLOTS, SUMS, RULES, {}, {})
    assert (uncontested.rules.margin, uncontested.rules.write_in) == (0, RULES.write_in)
    assert (tie_ballot.rules.margin, tie_ballot.rules.write_in) == (40, WriteInRule.OFF)


def test_the_rules_are_those_of_the_congress() -> None:
    values = {
        "quorum_meeting": ">1/2",
        "majority_base": "present",
        "margin_min": "30",
        "write_in": "off",
        "tie_at_cut": "ballot",
    }
    assert contest_rules(values) == ContestRules(
        Quorum(1, 2, True), MajorityBase.PRESENT, 30, WriteInRule.OFF, TieRule.BALLOT
    )


def test_what_is_written_down_of_a_contest_is_read_as_the_same_contest() -> None:
    """Every rule among them: what is left out would be read as its default."""
    sums = replace(SUMS, written={"赵一": 35, "钱二": 3})
    rules = ContestRules(Quorum(2, 3, True), MajorityBase.PRESENT, 40, WriteInRule.AGAINST_OR_ABSTAIN, TieRule.LOT)
    made, _ = contest_of(SECTION, BALLOTS, sums, rules, {("赵一", "leaders"): [(7, True)]}, {})
    assert parse_contest(contest_json(made)) == made


# Who a name stands for


def stands_for(
    name: str, votes: int, members: Bearers, rulings: WriteInRulings | None = None, needed: int | None = 31
) -> int | str | None:
    """The member, nobody, or what the scrutineer is asked."""
    try:
        (one,) = identify(SECTION, replace(SUMS, written={name: votes}), needed, members, rulings or {})
    except Refused as refusal:
        assert refusal.params["name"] == name and refusal.field == "write_ins"
        return refusal.code.removeprefix("count.write_in_")
    assert (one.name, one.votes, one.eligible) == (name, votes, one.member_id is not None)
    return one.member_id


ONE = {("赵一", "leaders"): [(7, True)]}
TWO = {("赵一", "leaders"): [(7, True), (8, True)]}
MIXED = {("赵一", "leaders"): [(7, False), (8, True)]}
NOT = {("赵一", "leaders"): [(7, False)]}


@pytest.mark.parametrize(
    ("name", "votes", "members", "member"),
    [
        ("赵一", 31, ONE, 7),
        ("赵一", 1, ONE, 7),
        ("赵一", 31, TWO, "unclear"),
        ("赵一", 30, TWO, None),  # it decides nothing
        ("赵一", 31, MIXED, "unclear"),  # who may not be elected is never guessed away
        ("赵一", 30, MIXED, None),
        ("赵一", 31, NOT, "unknown"),
        ("赵一", 30, NOT, None),
        ("赵一", 31, {}, "unknown"),
        ("赵一", 30, {}, None),
        ("赵一", 31, {("赵一", "farmers"): [(7, True)]}, "unknown"),  # of another category
        ("张平", 31, {("张平", "leaders"): [(7, True)]}, "unclear"),  # a candidate's namesake
        ("张平", 30, {("张平", "leaders"): [(7, True)]}, None),
        ("张平", 31, {("张平", "leaders"): [(3000, True)]}, "unknown"),  # the candidate, who stands already
        ("赵一", 31, {("赵一", "leaders"): [(3000, True), (7, True)]}, 7),
    ],
)
def test_a_name_stands_for_the_only_one_who_bears_it_or_the_scrutineer_is_asked(
    name: str, votes: int, members: Bearers, member: int | str | None
) -> None:
    assert stands_for(name, votes, members) == member


def test_in_a_tie_ballot_a_single_vote_is_enough_to_ask() -> None:
    assert stands_for("赵一", 1, TWO, needed=None) == "unclear"
    assert stands_for("赵一", 0, TWO, needed=None) is None


def test_a_ruling_says_who_it_is_among_those_who_may_be_elected() -> None:
    assert stands_for("赵一", 31, TWO, {(12, "赵一"): 8}) == 8
    assert stands_for("赵一", 31, TWO, {(12, "赵一"): None}) is None
    assert stands_for("赵一", 31, MIXED, {(12, "赵一"): 7}) == "not_eligible"
    assert stands_for("赵一", 31, TWO, {(13, "赵一"): 8}) == "unclear", "of another round"
    assert stands_for("赵一", 31, TWO, {(12, "钱二"): 8}) == "unclear", "of another name"


# The order afterwards


def lines_of(sums: Totals, members: Bearers) -> list[tuple[int, str, Result]]:
    contest, written = contest_of(SECTION, BALLOTS, sums, RULES, members, {})
    lines = ranked(SECTION, contest, decide(contest), written)
    figures = {
        **{one.name: sums.marks[one.id] for one in CANDIDATES},
        **{k: (v, 0, 0) for k, v in sums.written.items()},
    }
    people: dict[str, tuple[int | None, int | None]] = {
        one.name: (one.candidate_id, one.member_id) for one in CANDIDATES
    }
    people |= {one.name: (None, one.member_id) for one in written}
    for line in lines:
        assert (line.votes_for, line.votes_against, line.abstentions) == figures[line.name]
        assert (line.candidate_id, line.member_id) == people[line.name]
    return [(line.rank, line.name, line.result) for line in lines]


def test_the_elected_come_first_by_votes_then_the_others() -> None:
    assert lines_of(SUMS, {}) == [
        (1, "张平", Result.ELECTED),
        (2, "王军", Result.ELECTED),
        (3, "李梅", Result.NOT_ELECTED),
    ]


def test_somebody_written_in_is_ranked_among_the_candidates() -> None:
    marks = {"30": (40, 10, 8), "31": (25, 30, 3), "32": (5, 50, 3)}
    sums = replace(SUMS, marks=marks, written={"赵一": 36, "钱二": 10})
    assert lines_of(sums, {("赵一", "leaders"): [(7, True)]}) == [
        (1, "张平", Result.ELECTED),
        (2, "赵一", Result.ELECTED),
        (3, "王军", Result.NOT_ELECTED),
        (4, "钱二", Result.NOT_ELECTED),
        (5, "李梅", Result.NOT_ELECTED),
    ]


def test_the_tied_stand_after_the_elected_and_before_the_others() -> None:
    sums = replace(SUMS, marks={"30": (31, 20, 7), "31": (40, 10, 8), "32": (31, 20, 7)}, written={"钱二": 5})
    assert lines_of(sums, {}) == [
        (1, "王军", Result.ELECTED),
        (2, "张平", Result.TIED),
        (3, "李梅", Result.TIED),
        (4, "钱二", Result.NOT_ELECTED),
    ]
