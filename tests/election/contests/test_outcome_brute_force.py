"""`decide` against a slow, literal reading of SPEC.md, on every small contest."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from election.contests.outcome import (
    ContestInput,
    ContestKind,
    FollowUp,
    MajorityBase,
    Outcome,
    Quorum,
    TieRule,
    WriteInRule,
    decide,
)
from tests.election.contests.making import RULES, contest

SHARES = {"4/5": (4, 5, False), ">1/2": (1, 2, True)}


def read_literally(one: ContestInput, quorum: str) -> tuple[object, ...]:
    """Status, votes needed, elected, tied, tied seats, shortfall, follow-up, by the words of the rules."""
    base = one.expected if one.rules.majority_base == "expected" else one.present
    # "more than half of the base": the first number of votes whose double is more than the base
    needed = None if one.kind == "tie_ballot" else next(votes for votes in range(base + 2) if votes * 2 > base)

    def nobody(status: str, follow_up: str | None = None) -> tuple[object, ...]:
        return status, needed, (), (), 0, 0, follow_up

    if one.expected < 1 or one.present > one.expected or one.issued > one.present:
        return nobody("rejected")
    num, den, more = SHARES[quorum]
    enough = one.present * den > one.expected * num if more else one.present * den >= one.expected * num
    if not enough:
        return nobody("no_quorum", "rerun")
    if one.returned > one.issued:
        return nobody("void", "rerun")
    against = sum(candidate.against for candidate in one.candidates)
    abstain = sum(candidate.abstain for candidate in one.candidates)
    written = sum(write_in.for_ for write_in in one.write_ins)
    room = {"against": against, "against_or_abstain": against + abstain, "off": 0}[one.rules.write_in.value]
    if (
        one.valid + one.spoiled != one.returned
        or any(each.for_ + each.against + each.abstain != one.valid for each in one.candidates)
        or sum(each.for_ for each in one.candidates) + written > one.valid * one.seats
        or written > room
    ):
        return nobody("rejected")

    runners = [(each.id, each.for_) for each in one.candidates]
    runners += [(each.id, each.for_) for each in one.write_ins if each.eligible]
    above = {name: votes for name, votes in runners if (votes > 0 if needed is None else votes >= needed)}
    # Elected for certain: even if everybody with as many votes came first, there would be a seat left.
    certain = [name for name, votes in above.items() if sum(other >= votes for other in above.values()) <= one.seats]
    # Out for certain: those with strictly more votes take all seats.
    tied = [
        name
        for name, votes in above.items()
        if name not in certain and sum(other > votes for other in above.values()) < one.seats
    ]
    certain.sort(key=lambda name: (-above[name], list(above).index(name)))
    if tied:
        follow_up = "lot" if one.rules.tie_at_cut == "lot" else "tie_ballot"
        return "tie", needed, tuple(certain), tuple(tied), one.seats - len(certain), 0, follow_up
    if len(certain) < one.seats:
        return "shortfall", needed, tuple(certain), (), 0, one.seats - len(certain), "supplementary"
    return "decided", needed, tuple(certain), (), 0, 0, None


def as_tuple(outcome: Outcome) -> tuple[object, ...]:
    follow_up = None if outcome.follow_up is None else FollowUp(outcome.follow_up).value
    return (
        outcome.status.value,
        outcome.votes_needed,
        outcome.elected,
        outcome.tied,
        outcome.tied_seats,
        outcome.shortfall,
        follow_up,
    )


def test_every_small_record_of_electors_and_ballots_is_read_by_the_rules():
    for expected, present, issued, returned, valid in product(range(4), range(5), range(5), range(5), range(5)):
        for spoiled, kind, quorum, base in product(
            range(2), (ContestKind.CONTESTED, ContestKind.TIE_BALLOT), SHARES, MajorityBase
        ):
            one = contest(
                [min(valid, 2)],
                expected=expected,
                present=present,
                issued=issued,
                returned=returned,
                valid=valid,
                spoiled=spoiled,
                kind=kind,
                rules=replace(RULES, quorum=Quorum.parse(quorum), majority_base=base),
            )
            assert as_tuple(decide(one)) == read_literally(one, quorum), one


def test_every_small_distribution_of_votes_is_decided_by_the_rules():
    for expected, present in ((1, 1), (3, 3), (4, 4), (5, 4)):
        for count in range(4):
            for votes in product(range(present + 1), repeat=count):
                for seats, kind, tie in product((1, 2, 3), ContestKind, TieRule):
                    one = contest(
                        votes,
                        seats=seats,
                        expected=expected,
                        present=present,
                        kind=kind,
                        rules=replace(RULES, tie_at_cut=tie),
                    )
                    assert as_tuple(decide(one)) == read_literally(one, "4/5"), one


def test_every_small_set_of_write_ins_is_decided_by_the_rules():
    three = [(each, other, 3 - each - other) for each in range(4) for other in range(4 - each)]
    written = [(votes, eligible) for votes in range(4) for eligible in (True, False)]
    for marks, rule, kind in product(
        product(three, repeat=2), WriteInRule, (ContestKind.CONTESTED, ContestKind.TIE_BALLOT)
    ):
        for write_ins in [*([one] for one in written), [(2, True), (2, True)], [(2, False), (2, True)]]:
            for seats in (1, 2):
                one = contest(
                    marks,
                    seats=seats,
                    expected=3,
                    write_ins=write_ins,
                    kind=kind,
                    rules=replace(RULES, write_in=rule),
                )
                assert as_tuple(decide(one)) == read_literally(one, "4/5"), one
