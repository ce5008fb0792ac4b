"""The scrutineers' desk: differences field by field, confirmation with every part in view, correction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from election.count.checks import check, warning_keys
from election.count.entry import EntryState
from election.count.form import from_json
from election.count.models import CountForm
from election.count.operations import claim, finalise
from election.count.operations_follow_up import propose_round
from election.count.operations_scrutiny import withdraw_confirmation
from election.count.queries_follow_up import contest_states
from election.count.queries_sheet import load_sheet
from election.meeting.models import Office, Venue
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import record_ballots
from election.meeting.operations_opening import open_meeting
from election.people.models import Person
from election.roster.models import Member
from election.store.database import Database
from tests.election.count.conftest import make_counting
from tests.election.count.test_follow_up import TIE
from tests.election.count.test_operations import VOTES, change_office, dismiss, with_error
from tests.election.meeting.test_venues import in_two_venues
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, nominated
from tests.support.stores import Stores

SCRUTINY = "/c/xian-14/scrutiny/"
FOLLOWING = "/c/xian-14/scrutiny/u1/follow-ups"
FORM = SCRUTINY + "forms/01-1-1"
BALLOTS = SCRUTINY + "u1/ballots"
CHIEF, OTHER = SCRUTINEERS


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


def state(desks: Desks) -> EntryState:
    return desks.evening.form("u1").state


def differ(desks: Desks) -> dict[str, str]:
    evening = desks.evening
    evening.enter(TELLERS[0], "u1", evening.contents("u1", VOTES))
    evening.enter(TELLERS[1], "u1", evening.contents("u1", VOTES | {"农民": [24, 20, 10]}))
    return {"revision": str(evening.form("u1").revision)}


def equal(desks: Desks) -> dict[str, str]:
    evening = desks.evening
    for who in TELLERS[:2]:
        evening.enter(who, "u1", evening.contents("u1", VOTES))
    return {"revision": str(evening.form("u1").revision)}


def test_only_scrutineers_have_the_desk(desks: Desks) -> None:
    for who in ("office", "u1", TELLERS[0]):
        client = desks.client(who)
        assert client.get(SCRUTINY).status_code == 403
        assert client.get(FORM).status_code == 403
        assert client.post(f"{BALLOTS}/1").status_code == 403
        assert client.post(f"{FORM}/confirm").status_code == 403


# Forms


def test_no_figure_is_shown_before_both_entries_are_in(desks: Desks) -> None:
    evening = desks.evening
    evening.enter(TELLERS[0], "u1", evening.contents("u1", {"农民": [27, 13, 16], "其他基层": [20, 8]}))
    page = desks.client(CHIEF).get(FORM).text.split("<main", 1)[1]
    assert "两次都提交以后才能看到数字" in page
    assert not any(f">{number}<" in page for number in (27, 13, 16))


def test_differing_fields_stand_side_by_side(desks: Desks) -> None:
    differ(desks)
    page = desks.client(CHIEF).get(FORM).text
    name = desks.evening.sheet("u1").sections[0].candidates[0].name
    assert f'<span class="muted">农民</span> <b>{name}</b> 赞成' in page and "<b>25</b>" in page and "<b>24</b>" in page
    assert "<b>20</b>" not in page  # what agrees is not listed
    assert "计票组" not in page  # of one venue and one group nothing has to be told apart
    assert "两次不一致" in desks.client(CHIEF).get(SCRUTINY).text


def test_one_entry_is_returned_to_its_teller(desks: Desks) -> None:
    data = differ(desks)
    page = desks.client(CHIEF).post(f"{FORM}/return", data=data | {"side": "second"}, follow_redirects=True)
    assert "已退回计票人更正。" in page.text and state(desks) is EntryState.SECOND_IN_CORRECTION
    entry = desks.client(TELLERS[1]).get("/c/xian-14/tally/01-1-1")
    assert "被退回更正" in entry.text and 'value="24"' in entry.text
    assert "第二次录入已退回" in desks.client(OTHER).get(FORM).text


def test_one_entry_is_kept(desks: Desks) -> None:
    data = differ(desks)
    desks.client(CHIEF).post(f"{FORM}/keep", data=data | {"side": "first"})
    assert state(desks) is EntryState.FIRST_FINALISED


def test_both_are_dropped_with_a_reason_that_is_asked_for_at_its_place(desks: Desks) -> None:
    data = differ(desks)
    client = desks.client(CHIEF)
    page = client.post(f"{FORM}/drop", data=data | {"reason": " "})
    assert page.status_code == 422 and "理由" in page.text and '<details class="confirm" open' in page.text
    client.post(f"{FORM}/drop", data=data | {"reason": "都看错了"})
    assert state(desks) is EntryState.EMPTY


def test_a_stale_page_is_told_what_became_of_the_form(desks: Desks) -> None:
    data = differ(desks)
    desks.client(CHIEF).post(f"{FORM}/return", data=data | {"side": "second"})
    page = desks.client(OTHER).post(f"{FORM}/keep", data=data | {"side": "first"})
    assert page.status_code == 409 and "第二次录入更正中" in page.text


def test_errors_are_shown_by_place_only(desks: Desks) -> None:
    evening = desks.evening
    evening.enter(TELLERS[0], "u1", with_error(evening.contents("u1", VOTES)))
    page = desks.client(CHIEF).get(FORM).text
    assert "农民 · 有效票" in page and ">29<" not in page
    data = {"revision": str(evening.form("u1").revision)}
    desks.client(CHIEF).post(f"{FORM}/return", data=data)
    assert state(desks) is EntryState.FIRST_IN_PROGRESS


def test_equal_entries_are_compared_and_confirmed(desks: Desks) -> None:
    data = equal(desks)
    client = desks.client(CHIEF)
    page = client.get(FORM)
    assert page.text.index("与纸质计票单逐项核对") < page.text.index("有效票") < page.text.index("核对无误，确认")
    page = client.post(f"{FORM}/confirm", data=data, follow_redirects=True)
    assert "已确认" in page.text and "已选出" in page.text
    meeting = desks.client("u1").get("/c/xian-14/units/u1/meeting").text
    assert "当选" in meeting and "宣布散会" in meeting
    assert "大会已散会。" in desks.client("u1").post("/c/xian-14/units/u1/meeting/close", follow_redirects=True).text


def test_a_teller_of_the_form_may_look_but_not_judge(desks: Desks) -> None:
    data = equal(desks)
    change_office(desks.evening, TELLERS[0], Office.SCRUTINEER)
    client = desks.client(TELLERS[0])
    assert "须由第三人处理和确认" in client.get(FORM).text
    page = client.post(f"{FORM}/confirm", data=data)
    assert page.status_code == 422 and state(desks) is EntryState.ENTRIES_EQUAL


def test_a_confirmation_is_withdrawn_by_two_persons(desks: Desks) -> None:
    data = equal(desks)
    client = desks.client(CHIEF)
    client.post(f"{FORM}/confirm", data=data)
    data = {"revision": str(desks.evening.form("u1").revision)}
    assert client.post(f"{FORM}/withdraw", data=data | {"reason": ""}).status_code == 422
    page = client.post(f"{FORM}/withdraw", data=data | {"reason": "第三行看错"}, follow_redirects=True)
    assert "第三行看错" in page.text and "同意撤销确认" not in page.text
    data = {"revision": str(desks.evening.form("u1").revision)}
    other = desks.client(OTHER)
    assert "同意撤销确认" in other.get(FORM).text
    page = other.post(f"{FORM}/withdraw", data=data, follow_redirects=True)
    assert "第 2 版" in page.text and state(desks) is EntryState.EMPTY


def test_an_unknown_form_is_not_found(desks: Desks) -> None:
    assert desks.client(CHIEF).get(SCRUTINY + "forms/99-9-9").status_code == 404


def test_who_is_no_scrutineer_of_this_meeting_sees_nothing_of_its_forms_and_ballots(desks: Desks) -> None:
    data = equal(desks)
    dismiss(desks.evening, OTHER)
    client = desks.client(OTHER)
    assert "01-1-1" not in client.get(SCRUTINY).text and "u1/ballots" not in client.get(SCRUTINY).text
    for answer in (client.get(FORM), client.get(BALLOTS), client.post(f"{FORM}/confirm", data=data)):
        assert answer.status_code == 403 and "您不是本次大会的监票人。" in answer.text
    assert "01-1-1" in desks.client(CHIEF).get(SCRUTINY).text


@pytest.mark.parametrize(
    "extra",
    [
        {"ruling.a.b": "1"},
        {"ruling.x": "1"},
        {"ruling.1.王军": "x"},
        {"ruling.1.王军": "9" * 5000},
        {f"ruling.{'9' * 5000}.王军": "1"},
    ],
)
def test_a_ruling_that_no_page_offers_is_refused_and_confirms_nothing(desks: Desks, extra: dict[str, str]) -> None:
    data = equal(desks)
    assert desks.client(CHIEF).post(f"{FORM}/confirm", data=data | extra).status_code == 422
    assert state(desks) is EntryState.ENTRIES_EQUAL


def test_a_revision_of_five_thousand_digits_breaks_nothing(desks: Desks) -> None:
    data = differ(desks) | {"revision": "9" * 5000, "side": "second"}
    assert desks.client(CHIEF).post(f"{FORM}/return", data=data).status_code < 500


def test_an_entry_with_errors_says_so_and_the_other_is_not_returned_beside_it(desks: Desks) -> None:
    evening = desks.evening
    evening.enter(TELLERS[0], "u1", evening.contents("u1", VOTES))
    evening.enter(TELLERS[1], "u1", with_error(evening.contents("u1", VOTES)))
    page = desks.client(CHIEF).get(FORM).text
    assert page.count("这一份有错误") == 1 and page.count("另一份有错误，不能只退回这一份") == 1
    assert page.count(f"{FORM}/return") == 1


def test_what_was_corrected_stands_beside_what_was_confirmed_first(desks: Desks) -> None:
    evening = desks.evening
    evening.count("u1", VOTES)
    form = evening.form_id("u1")
    for who, reason in ((CHIEF, "第三行看错"), (OTHER, "")):
        with evening.county.acting(who) as act:
            withdraw_confirmation(act, form, reason)
    client = desks.client(CHIEF)
    page = client.get(FORM).text
    assert "更正后重新录入的第 2 版" in page and "第 1 版的全部数字" in page and "在这里列出更正了哪些栏目" in page
    evening.count("u1", VOTES | {"农民": [25, 21, 10]}, by=TELLERS[2:])
    page = client.get(FORM).text
    assert "第 2 版更正的栏目" in page and "<b>20</b>" in page and "<b>21</b>" in page and "第三行看错" in page


def test_a_correction_leaves_a_later_vote_alone_or_says_what_has_to_be_taken_back_first(desks: Desks) -> None:
    evening = desks.evening
    chief, other = desks.client(CHIEF), desks.client(OTHER)
    evening.count("u1", TIE)
    assert "之后已有后续安排" not in chief.get(FORM).text
    with evening.county.reading() as session:
        states = contest_states(session, evening.county.congress_id, evening.county.units["u1"])
        contest = next(one.result.contest.id for one in states if one.due is not None)
    with evening.county.acting("u1") as act:
        row = propose_round(act, contest, FollowUpKind.TIE_BALLOT).id
    assert "之后已有后续安排" in chief.get(FORM).text
    chief.post(f"{FOLLOWING}/{row}/agree")
    revision = {"revision": str(evening.form("u1").revision)}
    chief.post(f"{FORM}/withdraw", data=revision | {"reason": "抄错一行"})
    page = other.get(FORM).text
    assert "结果改变的，确认前须先撤销后续安排" in page and f"{FOLLOWING}?number=1" in page and "同意撤销确认" in page
    revision = {"revision": str(evening.form("u1").revision)}
    assert "已办理" in other.post(f"{FORM}/withdraw", data=revision, follow_redirects=True).text
    assert "计票更正中" in chief.get(FOLLOWING).text
    contents = evening.contents("u1", {"农民": [24, 17, 15], "其他基层": [20, 8]})
    for who in TELLERS[2:]:
        evening.enter(who, "u1", contents)
    revision = {"revision": str(evening.form("u1").revision)}
    refused = chief.post(f"{FORM}/confirm", data=revision)
    assert refused.status_code == 422 and "已经办理的“再次投票”不再成立" in refused.text
    assert (
        "已撤销" in other.post(f"{FOLLOWING}/{row}/drop", data={"reason": "没有得票相等"}, follow_redirects=True).text
    )
    assert "已确认" in chief.post(f"{FORM}/confirm", data=revision, follow_redirects=True).text


# Several venues and groups


def make_divided(database: Database) -> Evening:
    """Twenty present in the hall, counted by two groups, and eight in a second venue; their ballots are recorded."""
    made = nominated(database)
    hall, second = in_two_venues(made)
    with made.county.acting("u1") as act:
        set_present(act, hall, 20)
        set_present(act, second, 8)
        open_meeting(act, made.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    rounds = [made.round_of("u1", category) for category in ("farmer", "other")]
    with made.county.acting(CHIEF) as act:
        for venue, number in ((hall, 20), (second, 8)):
            record_ballots(act, made.meetings["u1"], dict.fromkeys(rounds, (number, number)), venue_id=venue)
    return made


@pytest.fixture
def divided(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "divided", make_divided)
    yield made
    made.evening.county.database.close()


def part(desks: Desks, number: str, ballots: int, votes: int, written: str = "") -> None:
    """Two tellers enter a group's form: so many ballots, so many votes for the first of each section, none for others;
    one vote for a name `written` in among the farmers.
    """
    county = desks.evening.county
    for who in TELLERS[:2]:
        with county.acting(who) as act:
            row = claim(act, county.congress_id, number)
            sheet = load_sheet(act.session, row.group_id)
            section = {"issued": ballots, "returned": ballots, "valid": ballots, "spoiled": 0, "write_ins": []}
            contents: dict[str, Any] = {
                "attendance": {"expected": sheet.expected, "present": sheet.present},
                "sections": {
                    key: section
                    | {
                        "candidates": {
                            one: {"for": won, "against": ballots - won, "abstain": 0}
                            for one, won in zip(ids, (votes, *[0] * len(ids)), strict=False)
                        }
                    }
                    for key, ids in sheet.shape.items()
                },
            }
            if written:
                farmers = contents["sections"][sheet.sections[0].key]
                farmers["write_ins"] = [{"name": written, "for": 1}]
            ticks = warning_keys(check(from_json(contents), sheet.context))
            finalise(act, row.id, contents, ticks)


def accept(desks: Desks, number: str) -> TestResponse:
    """The scrutineer confirms a group's form, as the page that shows it would."""
    with desks.evening.county.reading() as session:
        revision = session.scalars(select(CountForm.revision).where(CountForm.number == number)).one()
    return desks.client(CHIEF).post(f"{SCRUTINY}forms/{number}/confirm", data={"revision": str(revision)})


def test_every_part_and_the_exact_sum_stand_before_the_last_confirmation(divided: Desks) -> None:
    client = divided.client(CHIEF)
    forms = [f"{SCRUTINY}forms/{number}" for number in ("01-1-1", "01-1-2", "01-2-1")]
    for number, ballots, votes in (("01-1-1", 12, 5), ("01-1-2", 8, 4)):
        part(divided, number, ballots, votes)
    page = client.get(forms[0]).text
    assert "小计" in page and "已核对 0 / 3 份" in page and "本份以外还有 2 份没有确认" in page
    assert page.index("核对无误，确认") < page.index('id="sums"')  # the figures of this form stand above the button
    for number in ("01-1-1", "01-1-2"):
        assert accept(divided, number).status_code == 302
    page = client.get(forms[0]).text
    assert "还有 1 份没有确认；全部确认后按合计得出结果" in page and "结果已得出" not in page
    part(divided, "01-2-1", 8, 6)
    page = client.get(forms[2]).text
    assert "已核对 2 / 3 份" in page and "按上面的合计得出结果" in page and "第二会场" in page
    # Of eight voters nobody sees the figures apart, nor those of the hall, which would leave them over.
    assert "不单列" in page and "5 / 7 / 0" not in page and "6 / 2 / 0" in page
    assert "15 / 13 / 0" in page and '<td class="num sum">28</td>' in page and "与选票登记不符" not in page
    sum_at, button_at = page.index("15 / 13 / 0"), page.index("核对无误，确认")
    assert sum_at < button_at and accept(divided, "01-2-1").status_code == 302
    page = client.get(forms[2]).text
    assert "首次投票的结果已得出：当选不足 2 项。" in page and "count-report.pdf" in page and "u1/follow-ups" in page


def test_parts_that_contradict_the_ballot_record_are_said_before_anything_is_confirmed(divided: Desks) -> None:
    client, answers = divided.client(CHIEF), []
    for number, ballots in (("01-1-1", 12), ("01-1-2", 7), ("01-2-1", 8)):
        part(divided, number, ballots, 4)
        said = "各份合计与选票登记不符" in client.get(f"{SCRUTINY}forms/{number}").text
        assert said is (number == "01-2-1")
        answers.append(accept(divided, number))
    assert answers[-1].status_code == 422 and "各计票单合计发出 27 张" in answers[-1].text


def test_whom_a_name_stands_for_is_asked_with_the_last_confirmation_whichever_form_it_was_written_on(
    divided: Desks,
) -> None:
    county = divided.evening.county
    standing = divided.evening.members_standing("u1", "farmer")
    with county.acting("office") as act:
        farmers = [act.session.get_one(Member, one) for one in county.members("u1-b1")]
        for member in [one for one in farmers if one.category == "farmer" and one.id not in standing][:2]:
            act.session.get_one(Person, member.person_id).name = "覃同名"
    client = divided.client(CHIEF)
    part(divided, "01-1-1", 12, 5, "覃同名")
    assert "另选人“覃同名”" not in client.get(f"{SCRUTINY}forms/01-1-1").text
    accept(divided, "01-1-1")
    for number in ("01-1-2", "01-2-1"):
        part(divided, number, 8, 4)
        page = client.get(f"{SCRUTINY}forms/{number}").text
        accept(divided, number)
        assert ("另选人“覃同名”（1 票）是哪一位？" in page) is (number == "01-2-1")


def test_each_venue_has_its_own_record_and_the_sum_beside_it(divided: Desks) -> None:
    page = divided.client(CHIEF).get(BALLOTS).text
    assert "各会场合计" in page and "第二会场" in page and "<b>28</b>" in page and "01-2-1" in page
    assert "另一个会场里填写的数字还没有登记" in page  # what is typed for another venue is not lost unasked


def test_a_ballot_too_many_and_ballots_missing_are_said_at_the_venue_where_they_are(divided: Desks) -> None:
    evening = divided.evening
    rounds = [evening.round_of("u1", category) for category in ("farmer", "other")]
    with evening.county.reading() as session:
        hall, second = session.scalars(select(Venue.id).order_by(Venue.number))
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], {rounds[0]: (20, 12), rounds[1]: (20, 20)}, venue_id=hall)
        record_ballots(act, evening.meetings["u1"], {rounds[0]: (8, 9), rounds[1]: (8, 8)}, venue_id=second)
    page = divided.client(CHIEF).get(BALLOTS).text
    in_the_hall, in_the_second = page.index(f'id="v-1-{hall}"'), page.index(f'id="v-1-{second}"')
    assert in_the_hall < page.index("农民（差额）：有 8 张没有收回") < in_the_second
    assert in_the_second < page.index("农民（差额）：本会场收回 9 张，多于发出 8 张，请再点一次")
    assert page.count("请再点一次") == page.count("请先查票箱") == 1 and "/void/" not in page
