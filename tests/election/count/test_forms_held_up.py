"""A form of which more ballots came back than were issued is nobody's to begin until that is declared void."""

from __future__ import annotations

from election.count.operations import claim
from election.count.queries import FormLine, Task, forms_of_congress
from election.meeting.operations_ballots import declare_void, record_ballots
from tests.support.evening import SCRUTINEERS, TELLERS, Evening


def line(evening: Evening, who: str = TELLERS[0]) -> FormLine:
    with evening.county.reading() as session:
        (only,) = forms_of_congress(session, evening.county.congress_id, evening.county.people[who].person_id or 0)
        return only


def recorded(evening: Evening, farmers: tuple[int, int]) -> None:
    rounds = {evening.round_of("u1", "farmer"): farmers, evening.round_of("u1", "other"): (28, 28)}
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], rounds, knowingly=True)


def test_as_many_as_were_issued_or_fewer_hold_nothing_up(counting: Evening) -> None:
    for farmers in ((28, 28), (28, 27)):
        recorded(counting, farmers)
        assert (line(counting).task, line(counting).over) == (Task.FIRST, False)


def test_one_more_holds_the_form_up_until_it_is_declared_void(counting: Evening) -> None:
    recorded(counting, (27, 28))
    assert (line(counting).task, line(counting).over) == (None, True)
    with counting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, counting.round_of("u1", "farmer"))
    assert (line(counting).task, line(counting).over) == (Task.FIRST, False)


def test_who_has_begun_goes_on_and_nobody_else_is_told_to_begin(counting: Evening) -> None:
    with counting.county.acting(TELLERS[0]) as act:
        claim(act, counting.county.congress_id, counting.number("u1"))
    assert (line(counting).task, line(counting).over) == (Task.CONTINUE, False)
    assert (line(counting, TELLERS[1]).task, line(counting, TELLERS[1]).over) == (None, False)
