"""The scrutineers' desk: ballots, void contests, differences field by field, confirmation, correction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from election.count.entry import EntryState
from election.meeting.models import Office
from tests.election.count.conftest import make_counting
from tests.election.count.test_operations import VOTES, change_office, dismiss, with_error
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, nominated, opened
from tests.support.stores import Stores

SCRUTINY = "/c/xian-14/scrutiny/"
FORM = SCRUTINY + "forms/01-1-1"
BALLOTS = SCRUTINY + "u1/ballots"
CHIEF, OTHER = SCRUTINEERS


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


@pytest.fixture
def hall(sqlite_stores: Stores) -> Iterator[Desks]:
    """The meeting is open, no ballots are recorded."""
    made = desks_from(sqlite_stores, "nominated", nominated)
    opened(made.evening)
    yield made
    made.evening.county.database.close()


def ballots(desks: Desks, farmers: tuple[str, str], others: tuple[str, str] = ("28", "28")) -> dict[str, str]:
    data: dict[str, str] = {}
    for category, (issued, returned) in (("farmer", farmers), ("other", others)):
        round_id = desks.evening.round_of("u1", category)
        data |= {f"ballots.{round_id}.issued": issued, f"ballots.{round_id}.returned": returned}
    return data


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


# Ballots


def test_ballots_are_recorded_for_every_contest(hall: Desks) -> None:
    client = hall.client(CHIEF)
    assert "待登记" in client.get(SCRUTINY).text
    page = client.post(f"{BALLOTS}/1", data=ballots(hall, ("28", "27")), follow_redirects=True)
    assert "选票已登记。" in page.text and 'value="27"' in page.text
    assert "已登记" in client.get(SCRUTINY).text


def test_a_wrong_ballot_record_is_refused_at_its_field_and_kept(hall: Desks) -> None:
    client = hall.client(CHIEF)
    page = client.post(f"{BALLOTS}/1", data=ballots(hall, ("２８张", ""), ("29", "28")))
    assert page.status_code == 422 and "请填整数" in page.text and "请填写发出和收回" in page.text
    assert 'value="２８张"' in page.text and 'value="29"' in page.text
    page = client.post(f"{BALLOTS}/1", data=ballots(hall, ("29", "28")))
    assert page.status_code == 422 and "多于实到 28 人" in page.text
    assert "待登记" in client.get(SCRUTINY).text


def test_a_contest_with_too_many_ballots_is_declared_void(hall: Desks) -> None:
    client = hall.client(CHIEF)
    client.post(f"{BALLOTS}/1", data=ballots(hall, ("27", "28")))
    assert "收回多于发出，须宣布无效" in client.get(SCRUTINY).text
    farmers = hall.evening.round_of("u1", "farmer")
    page = client.post(f"{SCRUTINY}u1/void/{farmers}", follow_redirects=True)
    assert "已宣布该项选举无效" in page.text
    assert client.post(f"{SCRUTINY}u1/void/{hall.evening.round_of('u1', 'other')}").status_code == 422
    assert client.post(f"{SCRUTINY}u1/void/{hall.evening.round_of('u2', 'other')}").status_code == 404


def test_only_scrutineers_have_the_desk(desks: Desks) -> None:
    for who in ("office", "u1", TELLERS[0]):
        client = desks.client(who)
        assert client.get(SCRUTINY).status_code == 403
        assert client.get(FORM).status_code == 403
        assert client.post(f"{BALLOTS}/1", data=ballots(desks, ("28", "28"))).status_code == 403
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
    assert "· 赞成" in page and "<b>25</b>" in page and "<b>24</b>" in page
    assert "<b>20</b>" not in page  # what agrees is not listed
    assert "两次不一致" in desks.client(CHIEF).get(SCRUTINY).text


def test_one_entry_is_returned_to_its_teller(desks: Desks) -> None:
    data = differ(desks)
    page = desks.client(CHIEF).post(f"{FORM}/return", data=data | {"side": "second"}, follow_redirects=True)
    assert "已退回计票人更正。" in page.text and state(desks) is EntryState.SECOND_IN_CORRECTION
    entry = desks.client(TELLERS[1]).get("/c/xian-14/tally/01-1-1")
    assert "被退回更正" in entry.text and 'value="24"' in entry.text


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
    assert "与纸质计票单逐项核对" in client.get(FORM).text
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


def test_a_ballot_record_made_from_an_older_one_is_stale(desks: Desks) -> None:
    """Two tabs: what the first recorded is not typed away by the second."""
    client = desks.client(SCRUTINEERS[0])
    path = "/c/xian-14/scrutiny/u1/ballots"
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(path).text)
    assert seen is not None
    venue = re.search(r"/ballots/(\d+)", client.get(path).text)
    assert venue is not None
    figures = dict.fromkeys(re.findall(r'name="(ballots\.\d+\.(?:issued|returned))"', client.get(path).text), "28")
    first = {**figures, "seen": unescape(seen[1])}
    first[next(iter(sorted(first)))] = "27"
    assert client.post(f"{path}/{venue[1]}", data=first).status_code == 302
    assert client.post(f"{path}/{venue[1]}", data={**figures, "seen": unescape(seen[1])}).status_code == 409


def test_nothing_handed_out_is_refused(desks: Desks) -> None:
    client = desks.client(SCRUTINEERS[0])
    path = "/c/xian-14/scrutiny/u1/ballots"
    text = client.get(path).text
    venue = re.search(r"/ballots/(\d+)", text)
    assert venue is not None
    figures = dict.fromkeys(re.findall(r'name="(ballots\.\d+\.(?:issued|returned))"', text), "0")
    answer = client.post(f"{path}/{venue[1]}", data=figures)
    assert answer.status_code == 422 and "发出选票不能是 0 张" in answer.text
