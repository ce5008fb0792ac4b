"""Several venues and counting groups of one meeting: made while it is planned, summed exactly when it votes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from election.count.checks import check, warning_keys
from election.count.form import from_json
from election.count.models import CountForm, RoundOutcome
from election.count.operations import claim, finalise
from election.count.operations_scrutiny import confirm
from election.count.queries import forms_of_congress
from election.count.queries_sheet import load_sheet
from election.errors import Invalid, Refused
from election.meeting.counted import too_few, withheld
from election.meeting.models import CountingGroup, Venue, VenueBallots
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_attendance import set_present, sign_in, sign_out
from election.meeting.operations_ballots import record_ballots, record_spoiled
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_group, add_venue, change_venue, remove_group, remove_venue
from election.meeting.queries import present_at, voters_of_unit
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, planned

CHIEF = SCRUTINEERS[0]


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


def person(evening: Evening, desk: str) -> int:
    return evening.county.people[desk].person_id or 0


def venues(evening: Evening) -> list[int]:
    with evening.county.reading() as session:
        return list(
            session.scalars(select(Venue.id).where(Venue.meeting_id == evening.meetings["u1"]).order_by(Venue.number))
        )


def in_two_venues(evening: Evening) -> tuple[int, int]:
    """A hall with two counting groups, and a second venue with one."""
    planned(evening)
    (hall,) = venues(evening)
    with evening.county.acting("u1") as act:
        add_group(act, hall)
        second = add_venue(act, evening.meetings["u1"], "第二会场").id
    return hall, second


def with_a_box(evening: Evening) -> tuple[int, int]:
    """A hall, and a mobile box whose ballots are counted with the hall's: 25 present in the one, 3 at the other."""
    planned(evening)
    (hall,) = venues(evening)
    with evening.county.acting("u1") as act:
        box = add_venue(act, evening.meetings["u1"], "流动票箱", mobile=True, counted_with=hall).id
        set_present(act, hall, 25)
        set_present(act, box, 3)
    return hall, box


def test_each_group_has_a_paper_with_its_number(evening: Evening) -> None:
    in_two_venues(evening)
    with evening.county.reading() as session:
        numbers = session.scalars(select(CountForm.number).order_by(CountForm.id)).all()
    assert numbers == ["01-1-1", "01-1-2", "01-2-1"]


def test_venues_and_groups_go_with_their_paper_and_one_stays(evening: Evening) -> None:
    hall, box = in_two_venues(evening)
    with evening.county.reading() as session:
        first, second = session.scalars(
            select(CountingGroup.id).where(CountingGroup.venue_id == hall).order_by(CountingGroup.number)
        )
    with refused("meeting.not_the_last_group"), evening.county.acting("u1") as act:
        remove_group(act, first)
    with evening.county.acting("u1") as act:
        remove_group(act, second)
        remove_venue(act, box)
    with refused("meeting.last_group"), evening.county.acting("u1") as act:
        remove_group(act, first)
    with refused("meeting.last_venue"), evening.county.acting("u1") as act:
        remove_venue(act, hall)
    with evening.county.reading() as session:
        assert session.scalars(select(CountForm.number)).all() == ["01-1-1"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" ", "meeting.venue_unnamed"),
        ("长" * 61, "meeting.venue_name_long"),
        ("镇政府礼堂", "meeting.venue_named_already"),
    ],
)
def test_a_venue_has_a_name_of_its_own(evening: Evening, name: str, code: str) -> None:
    planned(evening)
    with refused(code), evening.county.acting("u1") as act:
        add_venue(act, evening.meetings["u1"], name)


def test_nothing_of_the_venues_changes_once_the_meeting_is_open(meeting: Evening) -> None:
    (hall,) = venues(meeting)
    for verb in (
        lambda act: add_venue(act, meeting.meetings["u1"], "二会场"),
        lambda act: change_venue(act, hall, "二会场"),
        lambda act: remove_venue(act, hall),
        lambda act: add_group(act, hall),
    ):
        with refused("meeting.opened_already"), meeting.county.acting("u1") as act:
            verb(act)


def test_the_sums_of_all_venues_and_groups_decide(evening: Evening) -> None:
    hall, box = in_two_venues(evening)
    with evening.county.acting("u1") as act:
        set_present(act, hall, 24)
        set_present(act, box, 4)
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (24, 23)), venue_id=hall)
    with refused("count.ballots_not_recorded"), evening.county.acting(TELLERS[0]) as act:
        claim(act, evening.county.congress_id, "01-2-1")
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (4, 5)), venue_id=box)
        record_spoiled(act, evening.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1}, venue_id=hall)
    # The hall's ballots are divided over its groups as they lie on their tables; one was cast in the other venue, which
    # makes nothing void, since the unit's sum decides.
    for number, issued, share, spoiled in (("01-1-1", 14, 14, 1), ("01-1-2", 10, 9, 0), ("01-2-1", 4, 5, 0)):
        with evening.county.reading() as session:
            form = session.scalars(select(CountForm).where(CountForm.number == number)).one()
            sheet = load_sheet(session, form.group_id)
        sections = {}
        for section in sheet.sections:
            bad = spoiled if section.round_id == rounds[0] else 0
            valid = share - bad
            sections[section.key] = {
                "issued": issued,
                "returned": share,
                "valid": valid,
                "spoiled": bad,
                "write_ins": [],
                "candidates": {
                    one.id: {
                        "for": valid if place < section.seats else 0,
                        "against": 0 if place < section.seats else valid,
                        "abstain": 0,
                    }
                    for place, one in enumerate(section.candidates)
                },
            }
        contents = {"attendance": {"expected": sheet.expected, "present": sheet.present}, "sections": sections}
        for who in TELLERS[:2]:
            with evening.county.acting(who) as act:
                claim(act, evening.county.congress_id, number)
                finalise(act, form.id, contents, ticks(evening, number, contents))
        if number == "01-2-1":  # the record moves under forms that are confirmed: nothing is decided from both
            with evening.county.acting("u1") as act:
                set_present(act, hall, 25)
            with refused("count.part_not_clean"), evening.county.acting(CHIEF) as act:
                confirm(act, form.id)
            with evening.county.acting("u1") as act:
                set_present(act, hall, 24, reason="重复计数")
        with evening.county.acting(CHIEF) as act:
            confirm(act, form.id)
    with evening.county.reading() as session:
        row = session.scalars(select(RoundOutcome).where(RoundOutcome.round_id == rounds[0])).one()
        assert (row.expected, row.present, row.issued, row.returned, row.valid, row.spoiled) == (30, 28, 28, 28, 27, 1)
        assert row.status == "decided"
    with pytest.raises(DBAPIError), evening.county.acting("office") as act:
        act.session.scalars(select(VenueBallots).limit(1)).one().issued = 20


def test_a_mobile_box_has_no_form_and_its_ballots_stand_in_the_sums_of_the_venue_that_counts_it(
    evening: Evening,
) -> None:
    hall, box = with_a_box(evening)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (25, 25)), venue_id=hall)
    with refused("count.ballots_not_recorded"), evening.county.acting(TELLERS[0]) as act:
        claim(act, evening.county.congress_id, "01-1-1")
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (3, 2)), venue_id=box)
        record_spoiled(act, evening.meetings["u1"], rounds[0], {}, venue_id=hall)
    with evening.county.reading() as session:
        assert session.scalars(select(CountForm.number)).all() == ["01-1-1"]
        assert forms_of_congress(session, evening.county.congress_id, person(evening, TELLERS[0]))[0].recorded
    sheet = evening.sheet("u1")
    assert (sheet.venue_name, sheet.present) == ("镇政府礼堂（含流动票箱）", 28)
    assert [(one.issued, one.returned) for one in sheet.sections] == [(28, 27)] * len(rounds)
    # The box has said nothing of spoiled ballots yet: that is not none.
    assert sheet.context.sections[str(rounds[0])].spoiled is None
    with evening.county.acting(CHIEF) as act:
        record_spoiled(act, evening.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1}, venue_id=box)
    assert evening.sheet("u1").context.sections[str(rounds[0])].spoiled == 1
    figures = evening.contents("u1", {"其他基层": [20, 7]})
    farmers = figures["sections"][str(rounds[0])]
    farmers |= {"valid": 26, "spoiled": 1}
    for marks in farmers["candidates"].values():
        marks |= {"for": 16, "against": 10}
    for who in TELLERS[:2]:
        evening.enter(who, "u1", figures)
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    with evening.county.reading() as session:
        row = session.scalars(select(RoundOutcome).where(RoundOutcome.round_id == rounds[0])).one()
        assert (row.present, row.issued, row.returned, row.valid, row.spoiled) == (28, 28, 27, 26, 1)


def test_where_a_box_is_counted_is_asked_as_it_is_planned_and_its_counting_venue_stays(evening: Evening) -> None:
    hall, second = in_two_venues(evening)
    meeting = evening.meetings["u1"]
    with refused("meeting.box_counted_where"), evening.county.acting("u1") as act:
        add_venue(act, meeting, "流动票箱", mobile=True)
    with refused("meeting.no_such_counting"), evening.county.acting("u1") as act:
        add_venue(act, meeting, "流动票箱", mobile=True, counted_with=999)
    with evening.county.acting("u1") as act:
        box = add_venue(act, meeting, "流动票箱", mobile=True, counted_with=second).id
    for code, verb in (
        ("meeting.counted_elsewhere", lambda act: add_group(act, box)),
        ("meeting.counted_elsewhere", lambda act: change_venue(act, hall, "礼堂", counted_with=box)),
        ("meeting.venue_counts_others", lambda act: change_venue(act, second, "第二会场", counted_with=hall)),
        ("meeting.venue_counts_others", lambda act: remove_venue(act, second)),
    ):
        with refused(code), evening.county.acting("u1") as act:
            verb(act)
    # Taken over by the hall, the second venue loses its paper; by itself again, the box gets one.
    with evening.county.acting("u1") as act:
        change_venue(act, box, "第三会场")
        change_venue(act, second, "第二会场", counted_with=hall)
    with evening.county.reading() as session:
        numbers = session.scalars(select(CountForm.number).order_by(CountForm.number)).all()
    assert numbers == ["01-1-1", "01-1-2", "01-3-1"]
    # The database refuses by itself what the operations refuse in words.
    for where, at in ((hall, hall), (box, second), (hall, box), (box, hall)):
        with pytest.raises(DBAPIError), evening.county.acting("u1") as act:
            act.session.get_one(Venue, where).counted_with_id = at
    with pytest.raises(DBAPIError), evening.county.acting("u1") as act:
        act.session.add(CountingGroup(venue_id=second, number=1, form_number="01-2-1"))


@pytest.mark.parametrize(
    ("present", "few", "hidden"),
    [
        ({1: 9}, set(), set()),  # the only venue is the whole unit
        ({1: 30, 2: 10}, set(), set()),
        ({1: 30, 2: 9}, {2}, {1, 2}),
        ({1: 30, 2: 40, 3: 9}, {3}, {1, 3}),
        ({1: 30, 2: 4, 3: 9}, {2, 3}, {2, 3}),
        ({1: 30, 2: 4, 3: 5}, {2, 3}, {1, 2, 3}),
        ({1: 30, 2: 0}, set(), set()),
    ],
)
def test_figures_of_a_handful_are_withheld_and_so_are_those_that_would_leave_them_over(
    present: dict[int, int], few: set[int], hidden: set[int]
) -> None:
    assert (too_few(present, 10), withheld(present, 10)) == (few, hidden)
    assert not hidden or sum(present[one] for one in hidden) >= 10


def test_a_box_that_nobody_came_to_is_recorded_with_none_and_holds_nobody_up(evening: Evening) -> None:
    hall, box = in_two_venues(evening)
    with evening.county.acting("u1") as act:
        set_present(act, hall, 28)
        set_present(act, box, 0)
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    for venue, number in ((hall, 0), (box, 1)):
        with pytest.raises(Invalid), evening.county.acting(CHIEF) as act:
            record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (number, number)), venue_id=venue)
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (0, 0)), venue_id=box)
    with evening.county.reading() as session:
        kept = session.scalars(select(VenueBallots).where(VenueBallots.venue_id == box)).all()
        assert [(one.issued, one.returned) for one in kept] == [(0, 0)] * len(rounds)


def ticks(evening: Evening, number: str, contents: dict[str, object]) -> frozenset[str]:
    with evening.county.reading() as session:
        form = session.scalars(select(CountForm).where(CountForm.number == number)).one()
        sheet = load_sheet(session, form.group_id)
    return warning_keys(check(sheet.fitted(from_json(contents)), sheet.context))


def test_who_signs_in_is_present_once(evening: Evening) -> None:
    planned(evening)
    (hall,) = venues(evening)
    with evening.county.reading() as session:
        one, two = session.scalars(voters_of_unit(evening.county.units["u1"]).limit(2)).all()
    with evening.county.acting("u1") as act:
        row = sign_in(act, hall, one).id
        sign_in(act, hall, two)
    with refused("meeting.signed_in_already"), evening.county.acting("u1") as act:
        sign_in(act, hall, one)
    with refused("meeting.venue_signed_in"), evening.county.acting("u1") as act:
        add_venue(act, evening.meetings["u1"], "二会场")
        remove_venue(act, hall)
    with evening.county.acting("u1") as act:
        sign_out(act, row)
    with evening.county.reading() as session:
        assert present_at(session, evening.meetings["u1"], 1) == {hall: 1}


def test_a_number_of_those_present_that_was_wrong_is_mended_with_a_reason(
    meeting: Evening,
) -> None:
    (hall,) = venues(meeting)
    with refused("meeting.present_only_rises"), meeting.county.acting("u1") as act:
        set_present(act, hall, 27)
    with meeting.county.acting("u1") as act:
        set_present(act, hall, 27, reason="重复点名")
    rounds = [round_id for (unit, _, _), round_id in meeting.rounds.items() if unit == "u1"]
    with meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (27, None)))
    with refused("meeting.present_below_issued"), meeting.county.acting("u1") as act:
        set_present(act, hall, 26, reason="重复点名")


def test_ballots_are_recorded_as_issued_first_and_as_returned_after_the_vote(meeting: Evening) -> None:
    rounds = [round_id for (unit, _, _), round_id in meeting.rounds.items() if unit == "u1"]
    with meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (28, None)))
    with refused("meeting.not_returned_yet"), meeting.county.acting(CHIEF) as act:
        record_spoiled(act, meeting.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1})
    with refused("count.ballots_not_recorded"), meeting.county.acting(TELLERS[0]) as act:
        claim(act, meeting.county.congress_id, "01-1-1")
    with meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (28, 27)))
    with refused("meeting.returned_already"), meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (28, None)))
    with meeting.county.reading() as session:
        assert session.scalar(select(func.count()).select_from(VenueBallots)) == len(rounds)


def test_spoiled_ballots_by_kind_are_held_against_the_form(meeting: Evening) -> None:
    rounds = [round_id for (unit, _, _), round_id in meeting.rounds.items() if unit == "u1"]
    with meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds, (28, 28)))
    with refused("meeting.spoiled_over_returned"), meeting.county.acting(CHIEF) as act:
        record_spoiled(act, meeting.meetings["u1"], rounds[0], {SpoiledKind.TORN: 20, SpoiledKind.OTHER: 9})
    with meeting.county.acting(CHIEF) as act:
        record_spoiled(act, meeting.meetings["u1"], rounds[0], {SpoiledKind.TORN: 5})
        record_spoiled(act, meeting.meetings["u1"], rounds[0], {SpoiledKind.TORN: 1, SpoiledKind.UNREADABLE: 1})
    with meeting.county.reading() as session:
        section = load_sheet(session, session.scalars(select(CountForm.group_id)).one()).context.sections[
            str(rounds[0])
        ]
    assert section.spoiled == 2
