"""Whose candidacy ended by death, transfer or loss of the vote stays in mind until the roster says so too."""

from __future__ import annotations

from election.nomination.applying.operations import end_application
from election.nomination.applying.queries_gone import StillOnRoster, still_on_roster
from election.nomination.lifecycle import ApplicationEnd
from election.nomination.models import Application
from election.roster.models import Departure, Standing, Suspension
from election.roster.operations import set_voting_right
from election.roster.operations_departure import remove_member
from election.roster.queries import member_line, member_token
from tests.support.county import County
from tests.support.nominating import apply


def found(county: County) -> list[StillOnRoster]:
    with county.reading() as session:
        return still_on_roster(session, county.congress_id)


def test_until_the_roster_is_put_right_the_office_is_reminded(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 4)
    ends = (
        ApplicationEnd.DEATH, ApplicationEnd.TRANSFER, ApplicationEnd.RIGHTS_SUSPENDED, ApplicationEnd.SCRUTINEER,
    )  # fmt: skip
    for application, end in zip(ids, ends, strict=True):
        with county.acting("office") as act:
            end_application(act, application, end, "11月20日")
    with county.reading() as session:
        members = [session.get_one(Application, application).member_id for application in ids]
    assert [(one.member_id, one.departure) for one in found(county)] == [
        (members[0], Departure.DIED), (members[1], Departure.TRANSFERRED), (members[2], None),
    ]  # fmt: skip
    assert found(county)[0].because == "去世：11月20日"
    for member in members[:3]:
        with county.acting("office") as act:
            seen = member_token(member_line(act.session, county.congress_id, member))
            if member == members[2]:
                set_voting_right(
                    act, county.congress_id, member, Standing.FULL, Suspension.DETAINED, reason="通报", seen=seen
                )
            else:
                remove_member(act, county.congress_id, member, Departure.DIED, act.today, "", seen=seen)
    assert found(county) == []
