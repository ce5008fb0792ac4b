"""The tellers' desk: the number first, drafts, findings beside the fields, and nothing of anyone else's entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from election.count.entry import EntryState
from election.count.form import LONGEST_NAME, from_json
from election.count.operations_follow_up import agree, propose_round
from election.count.queries_follow_up import contest_states
from election.meeting.models_evening import FollowUpKind
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_officers import dismiss_officer
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_group, add_venue
from election.meeting.queries import venues_of
from election.meeting.queries_naming import officers_of
from election.store.database import Database
from tests.election.count.conftest import make_counting
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, nominated, opened, planned
from tests.support.stores import Stores
from webapp.entry_page import shape_of, texts_of
from webapp.tally import form_number

TALLY = "/c/xian-14/tally/"
FORM = TALLY + "01-1-1"
VOTES = {"农民": [25, 20, 10], "其他基层": [20, 8]}
PAGE = {"page": "0123456789abcdef", "after": ""}


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    made = desks_from(sqlite_stores, "counting", make_counting)
    yield made
    made.evening.county.database.close()


def fields(
    desks: Desks, votes: Mapping[str, list[int]] = VOTES, changes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The whole form as a browser posts it."""
    texts = texts_of(from_json(desks.evening.contents("u1", votes)))
    return texts | {"revision": str(desks.evening.form("u1").revision), "act": "finalise"} | PAGE | dict(changes or {})


def claimed(desks: Desks, who: str) -> FlaskClient:
    client = desks.client(who)
    assert client.post(f"{FORM}/claim").status_code == 302
    return client


def farmers(desks: Desks, field: str) -> str:
    return f"sections.{desks.evening.round_of('u1', 'farmer')}.{field}"


def state(desks: Desks) -> EntryState:
    return desks.evening.form("u1").state


def test_the_number_comes_first_and_the_name_appears(desks: Desks) -> None:
    client = desks.client(TELLERS[0])
    unknown = client.get(f"{TALLY}?number=09-9-9")
    assert (
        unknown.status_code == 404 and "没有编号为“09-9-9”的计票单" in unknown.text and 'value="09-9-9"' in unknown.text
    )
    nothing = client.get(f"{TALLY}?number=")
    assert nothing.status_code == 422 and "请先填计票单编号" in nothing.text
    page = client.get(f"{TALLY}?number=1/1/1", follow_redirects=True)
    assert "和手中的计票单一样吗" in page.text and "第1镇" in page.text and "开始第一次录入" in page.text


@pytest.mark.parametrize(
    "typed",
    [
        "1-1-1-2",
        "01－1－1－2",
        "01 1 1 2",
        "1.1.1.2",
        "０１-1-1-2",
        "01–1–1–2",
        "1-01-1-02",
        "1.1-1-1-2",
        "1/1/1/2",
        "1／1／1/2/",
    ],
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    assert form_number(typed) == "01-1-1-2"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("7.2-1-1", "07.2-1-1"),
        ("07．02 1 1", "07.2-1-1"),
        ("7 2 1 1", "07.2-1-1"),  # a first vote has no part of its own
        ("7.2.1.1", "07.2-1-1"),
        ("7。2-1-2", "07.2-1-2"),
        ("7.2-1-1-2", "07.2-1-1-2"),
        ("7 2 1 1 2", "07.2-1-1-2"),
        ("7-2-1-2", "07-2-1-2"),  # the first meeting, second venue, second vote
        ("7.2.1.2", "7.2.1.2"),  # could be either: nobody's paper
        ("7.1.1", "07-1-1"),
        ("7-1", "7-1"),
        ("u7-1-1", "u7-1-1"),
    ],
)
def test_a_paper_of_a_later_meeting_is_never_taken_for_one_of_the_first(typed: str, printed: str) -> None:
    assert form_number(typed) == printed == form_number(printed)


def test_a_later_vote_has_its_own_number_and_says_which_vote_it_is(desks: Desks) -> None:
    evening = desks.evening
    evening.count("u1", {"农民": [24, 16, 16], "其他基层": [20, 8]})
    with evening.county.acting("u1") as act:
        states = contest_states(act.session, evening.county.congress_id, evening.county.units["u1"])
        contest = next(one.result.contest.id for one in states if one.due is not None)
        proposed = propose_round(act, contest, FollowUpKind.TIE_BALLOT).id
    with evening.county.acting(SCRUTINEERS[0]) as act:
        again = agree(act, proposed).next_round_id
    client, later = desks.client(TELLERS[0]), f"{FORM}-2"
    assert "监票人还没有登记" in client.get(later).text  # it waits for its own ballots, not for the first vote's
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], {again or 0: (28, 28)}, ballot=2)
    assert "第 2 次投票" in client.get(TALLY).text
    assert "第 2 次投票（再次投票）" in client.get(f"{TALLY}?number=1-1-1-2", follow_redirects=True).text
    client.post(f"{later}/claim")
    entry = client.get(later).text
    assert "第 2 次投票（再次投票）" in entry and "农民代表（再次投票）" in entry
    assert "另选他人" not in entry  # a tie ballot is among the tied alone


def test_a_void_contest_is_named_where_the_paper_is_compared_and_has_no_place_in_the_entry(desks: Desks) -> None:
    evening = desks.evening
    more_came_back(desks)
    with evening.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, evening.round_of("u1", "farmer"))
    client = desks.client(TELLERS[0])
    compared = client.get(FORM).text
    assert "和手中的计票单一样吗" in compared and compared.count("已宣布无效，不录") == 1
    assert compared.index("农民") < compared.index("已宣布无效") < compared.index("其他基层")
    client.post(f"{FORM}/claim")
    assert "农民代表" not in client.get(FORM).text


def test_what_remains_beside_a_void_contest_is_named_as_on_the_paper(sqlite_stores: Stores) -> None:
    def with_a_leader(database: Database) -> Evening:
        seats, standing = {("u1", "leader"): 2}, {("u1", "leader"): 2}
        made = nominated(database, seats=seats, assigned={"u1": [1]}, standing=standing)
        opened(made)
        return made

    made = desks_from(sqlite_stores, "a leader beside", with_a_leader)
    evening = made.evening
    assigned, contested = (evening.rounds["u1", "leader", kind] for kind in ("uncontested", "contested"))
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], {assigned: (28, 28), contested: (27, 28)}, knowingly=True)
        declare_void(act, contested)
    page = claimed(made, TELLERS[0]).get(FORM).text
    assert "领导干部代表（等额）" in page and "领导干部代表（差额）" not in page
    evening.county.database.close()


def more_came_back(desks: Desks) -> None:
    """Of the farmers 27 ballots were issued and 28 returned."""
    evening = desks.evening
    rounds = {evening.round_of("u1", "farmer"): (27, 28), evening.round_of("u1", "other"): (28, 28)}
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], rounds, knowingly=True)


def test_nobody_is_offered_a_form_of_which_more_ballots_came_back_than_were_issued(desks: Desks) -> None:
    assert "现在没有等待录入的计票单" not in desks.client(TELLERS[0]).get(TALLY).text
    assert "1 件待办" in desks.client(TELLERS[0]).get(TALLY).text
    more_came_back(desks)
    home = desks.client(TELLERS[0]).get(TALLY).text
    assert "件待办" not in home
    assert "现在没有等待录入的计票单" in home and "收回的选票多于发出的选票，由监票人处理" in home
    page = desks.client(TELLERS[0]).get(FORM).text
    assert "农民：收回的选票多于发出的选票，由监票人处理" in page and "/claim" not in page
    assert desks.client(TELLERS[0]).post(f"{FORM}/claim").status_code == 422
    with desks.evening.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, desks.evening.round_of("u1", "farmer"))
    home = desks.client(TELLERS[0]).get(TALLY).text
    assert "现在没有等待录入的计票单" not in home and "收回的选票多于" not in home


def test_who_has_nothing_to_type_is_led_back_by_enter(desks: Desks) -> None:
    claimed(desks, TELLERS[0])
    page = desks.client(TELLERS[1]).get(FORM).text
    assert "现在不需要您录入" in page and f'href="{TALLY}" autofocus' in page


def test_only_tellers_have_the_desk(desks: Desks) -> None:
    for who in ("office", "u1", SCRUTINEERS[0]):
        assert desks.client(who).get(TALLY).status_code == 403
        assert desks.client(who).post(f"{FORM}/claim").status_code == 403


def test_before_the_ballots_are_recorded_there_is_nothing_to_enter(sqlite_stores: Stores) -> None:
    made = desks_from(sqlite_stores, "nominated", nominated)
    opened(made.evening)
    page = made.client(TELLERS[0]).get(FORM)
    assert page.status_code == 200 and "监票人还没有登记" in page.text
    refused = made.client(TELLERS[0]).post(f"{FORM}/claim")
    assert refused.status_code == 422 and "尚未登记" in refused.text
    made.evening.county.database.close()


def test_venue_and_counting_group_are_named_where_there_are_several(sqlite_stores: Stores) -> None:
    made = desks_from(sqlite_stores, "nominated", nominated)
    evening = made.evening
    meeting = planned(evening)
    with evening.county.acting("u1") as act:
        (hall,) = venues_of(act.session, meeting.id).names
        add_group(act, hall)
        second = add_venue(act, meeting.id, "第二会场").id
        set_present(act, hall, 20)
        set_present(act, second, 8)
        open_meeting(act, meeting.id, method_adopted=True, scrutineers_voted=True)
    rounds = [evening.round_of("u1", category) for category in ("farmer", "other")]
    with evening.county.acting(SCRUTINEERS[0]) as act:
        for venue, number in ((hall, 20), (second, 8)):
            record_ballots(act, meeting.id, dict.fromkeys(rounds, (number, number)), venue_id=venue)
    client = made.client(TELLERS[0])
    home = client.get(TALLY).text
    assert home.count("第1镇 · 镇政府礼堂") == 2 and home.count("第1镇 · 第二会场") == 1
    assert "镇政府礼堂 · 第2计票组" in client.get(f"{TALLY}01-1-2").text
    only = client.get(f"{TALLY}01-2-1").text
    assert "第二会场" in only and "计票组" not in only.split("<main", 1)[1]
    client.post(f"{TALLY}01-1-2/claim")
    assert "镇政府礼堂 · 第2计票组" in client.get(f"{TALLY}01-1-2").text
    evening.county.database.close()


def test_a_clean_form_is_handed_in(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    assert f'maxlength="{LONGEST_NAME}"' in client.get(FORM).text  # the longest name of a roster is typed whole
    other = desks.client(TELLERS[1]).get(FORM).text
    assert f"{desks.evening.county.people[TELLERS[0]].name}正在录入这张计票单" in other
    page = client.post(FORM, data=fields(desks), follow_redirects=True)
    assert page.status_code == 200 and "等另一名计票人第二次录入" in page.text
    assert state(desks) is EntryState.FIRST_FINALISED


def test_a_form_is_saved_and_left_and_taken_up_again(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    half = {key: text for key, text in fields(desks, changes={"act": "save"}).items() if "candidates" not in key}
    page = client.post(FORM, data=half, follow_redirects=True)
    assert "草稿已保存" in page.text and state(desks) is EntryState.FIRST_IN_PROGRESS
    again = client.get(FORM)
    assert f'name="{farmers(desks, "valid")}" value="28"' in again.text


def test_errors_come_back_beside_their_fields_and_nothing_is_lost(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    page = client.post(FORM, data=fields(desks, changes={farmers(desks, "valid"): "27"}))
    assert page.status_code == 422
    assert "count.E.203" in page.text and f'name="{farmers(desks, "valid")}" value="27"' in page.text
    assert "交监票人处理" in page.text
    assert state(desks) is EntryState.FIRST_IN_PROGRESS


def test_an_entry_with_errors_is_handed_over_only_on_purpose(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    wrong = fields(desks, changes={farmers(desks, "valid"): "27", "act": "hand_over"})
    assert "已交监票人处理" in client.post(FORM, data=wrong, follow_redirects=True).text
    assert state(desks) is EntryState.FIRST_HAS_ERRORS
    assert "继续录入，更正错误" in client.get(FORM).text
    revision = str(desks.evening.form("u1").revision)
    assert client.post(f"{FORM}/resume", data={"revision": revision}).status_code == 302
    assert state(desks) is EntryState.FIRST_IN_PROGRESS


def test_an_entry_that_comes_back_says_so_and_shows_its_faults(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    client.post(FORM, data=fields(desks, changes={farmers(desks, "valid"): "27", "act": "hand_over"}))
    client.post(f"{FORM}/resume", data={"revision": str(desks.evening.form("u1").revision)})
    assert "退回更正" in client.get(TALLY).text
    page = client.get(FORM).text
    assert "退回更正" in page and "count.E.203" in page
    assert f'href="#{farmers(desks, "valid")}"' in page


def test_every_finding_stands_at_its_place_and_names_a_box_to_go_to(desks: Desks) -> None:
    """Votes for more than the seats allow, a write-in without a name, a blank row: none of them is only at the end."""
    client = claimed(desks, TELLERS[0])
    texts = fields(desks, {"农民": [28, 28, 28], "其他基层": [20, 8]})
    row = farmers(desks, f"candidates.{desks.evening.candidates[desks.evening.round_of('u1', 'farmer')][2]}")
    texts |= {f"{row}.{mark}": "" for mark in ("for", "against", "abstain")}
    texts |= {farmers(desks, "write_ins.0.for"): "1"}
    page = client.post(FORM, data=texts).text
    paper, review = page.split('id="step-review"')
    assert "赞成、不赞成、弃权：此项必填" in paper and page.count("<code>count.E.101") == 2
    assert "农民·" in review and all(code in paper for code in ("count.E.302", "count.E.305"))
    boxes = set(re.findall(r'<input class="box[^>]* id="([^"]+)"', page))
    links = re.findall(r'<a href="#(sections[^"]+|attendance[^"]+)">去更正', review)
    assert links and set(links) <= boxes


@pytest.mark.parametrize("name", ["12", "向蓉2", "２王军"])
def test_a_write_in_with_digits_in_its_name_is_refused(desks: Desks, name: str) -> None:
    written = {farmers(desks, "write_ins.0.name"): name, farmers(desks, "write_ins.0.for"): "1"}
    page = claimed(desks, TELLERS[0]).post(FORM, data=fields(desks, changes=written))
    assert page.status_code == 422 and "count.E.305" in page.text and "或者姓名里有数字" in page.text


def test_a_figure_of_seven_digits_is_refused_and_never_cut(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    assert 'maxlength="6"' not in client.get(FORM).text
    page = client.post(FORM, data=fields(desks, changes={farmers(desks, "valid"): "1234567"}))
    assert page.status_code == 422 and "form.too_large" in page.text and 'value="1234567"' in page.text


def test_what_is_no_number_is_refused_at_its_field_and_kept(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    page = client.post(FORM, data=fields(desks, changes={farmers(desks, "valid"): "二十八"}))
    assert page.status_code == 422 and "form.not_a_number" in page.text and 'value="二十八"' in page.text


@pytest.mark.parametrize("place", ["x", "9" * 9, "9" * 5000])
def test_a_write_in_row_that_no_page_has_breaks_nothing(desks: Desks, place: str) -> None:
    client = claimed(desks, TELLERS[0])
    odd = {farmers(desks, "valid"): "二十八", farmers(desks, f"write_ins.{place}.name"): "王军"}
    page = client.post(FORM, data=fields(desks, changes=odd))
    assert page.status_code == 422 and "form.not_a_number" in page.text and len(page.text) < 200_000


def test_a_warning_is_accepted_with_a_tick(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    votes = VOTES | {"其他基层": [28, 0]}
    page = client.post(FORM, data=fields(desks, votes))
    assert page.status_code == 422 and "count.W.301" in page.text and "已对照" in page.text
    ticks = sorted(desks.evening.ticks("u1", desks.evening.contents("u1", votes)))
    assert all(f'value="{tick}"' in page.text for tick in ticks)
    done = client.post(FORM, data=fields(desks, votes) | {"accept": ticks}, follow_redirects=True)
    assert "等另一名计票人" in done.text


def test_the_second_teller_sees_nothing_of_the_first(desks: Desks) -> None:
    claimed(desks, TELLERS[0]).post(FORM, data=fields(desks, {"农民": [27, 13, 16], "其他基层": [20, 8]}))
    second = desks.client(TELLERS[1])
    page = second.get(FORM)
    assert "开始第二次录入" in page.text and desks.evening.county.people[TELLERS[0]].name not in page.text
    second.post(f"{FORM}/claim")
    entry = second.get(FORM)
    assert "第二次录入" in entry.text and 'value="27"' not in entry.text and 'value="13"' not in entry.text


@pytest.mark.parametrize("farmers_votes", [[25, 20, 10], [24, 20, 10]])
def test_two_tellers_do_not_learn_whether_they_agree(desks: Desks, farmers_votes: list[int]) -> None:
    """Whatever the second one typed, each page says the same."""
    claimed(desks, TELLERS[0]).post(FORM, data=fields(desks))
    second = claimed(desks, TELLERS[1])
    page = second.post(FORM, data=fields(desks, VOTES | {"农民": farmers_votes}), follow_redirects=True)
    assert "计票单 01-1-1：已提交，由监票人处理。" in page.text
    assert (state(desks) is EntryState.ENTRIES_DIFFER) == (farmers_votes != VOTES["农民"])
    for who, told in (
        (TELLERS[0], "您的录入已提交，由监票人处理。"),
        (TELLERS[1], "您的录入已提交，由监票人处理。"),
        (TELLERS[2], "这张计票单已由他人办理。"),
    ):
        client = desks.client(who)
        main = client.get(FORM).text.split("<main", 1)[1].split("</main>")[0]
        assert told in main and "一致" not in main and "25" not in main.replace("01-1-1", "")
        taken = client.post(f"{FORM}/claim")
        assert taken.status_code == 422 and "这张计票单已由他人办理。" in taken.text and "一致" not in taken.text


def test_who_is_no_teller_of_this_meeting_sees_nothing_of_its_forms(desks: Desks) -> None:
    with desks.evening.county.acting("u1") as act:
        officers = {one.person_id: one.id for one in officers_of(act.session, desks.evening.meetings["u1"])}
        dismiss_officer(act, officers[desks.evening.county.people[TELLERS[0]].person_id or 0], "身体不适")
    client = desks.client(TELLERS[0])
    assert f'href="{FORM}"' not in client.get(TALLY).text
    assert f'href="{FORM}"' in desks.client(TELLERS[1]).get(TALLY).text
    for answer in (client.get(FORM), client.post(f"{FORM}/claim"), client.post(FORM, data=fields(desks))):
        assert answer.status_code == 403 and "您不是本次大会的计票人。" in answer.text


def test_a_draft_is_saved_field_by_field(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")
    values = {"attendance.expected": "30", farmers(desks, "issued"): "２８", farmers(desks, "valid"): ""}
    answer = client.post(f"/drafts/{form.id}", json={"values": values, "revision": str(form.revision)} | PAGE)
    assert answer.status_code == 200 and answer.get_json().keys() == {"saved_at"}
    page = client.get(FORM)
    assert 'name="attendance.expected" value="30"' in page.text
    assert f'name="{farmers(desks, "issued")}" value="28"' in page.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 422),
        ({"values": 3}, 422),
        ({"values": {"attendance.expected": 3}}, 422),
        ({"values": {"attendance.expected": "x"}} | PAGE, 422),
        ({"values": {}, "revision": "0"} | PAGE, 409),
        ({"values": {}, "revision": "0"}, 422),
        ({"values": {}} | PAGE, 422),
        ({"values": {"attendance.expected": "9" * 5000}} | PAGE, 422),
        ({"values": {"sections.1.issued": "1", "sections.1.write_ins.0.name": "\ud800"}} | PAGE, 422),
    ],
)
def test_a_draft_that_cannot_be_saved_is_refused_in_json(desks: Desks, body: Any, status: int) -> None:
    client = claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")
    answer = client.post(
        f"/drafts/{form.id}",
        data=json.dumps(body),  # in plain ASCII, whatever the text
        content_type="application/json",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == status
    assert {"code", "zh", "en"} <= set(answer.get_json()["refused"][0])


def test_a_draft_of_another_persons_entry_is_refused(desks: Desks) -> None:
    claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")
    body = {"values": {}, "revision": str(form.revision)} | PAGE
    heads = {"Accept": "application/json"}
    assert desks.client(TELLERS[1]).post(f"/drafts/{form.id}", json=body, headers=heads).status_code == 409
    assert desks.client("office").post(f"/drafts/{form.id}", json=body, headers=heads).status_code == 403
    assert desks.client(TELLERS[0]).post("/drafts/999", json=body, headers=heads).status_code == 404
    assert desks.app.test_client().post(f"/drafts/{form.id}", json=body, headers=heads).status_code == 403


@pytest.mark.parametrize(
    "changes", [{"page": "a-b"}, {"page": "a" * 17}, {"after": "x" * 33}, {"turn": -1}, {"turn": "1"}, {"took": 1}]
)
def test_a_page_that_says_no_mark_of_ours_is_refused(desks: Desks, changes: dict[str, Any]) -> None:
    client = claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")
    body = {"values": {}, "revision": str(form.revision)} | PAGE | changes
    assert client.post(f"/drafts/{form.id}", json=body, headers={"Accept": "application/json"}).status_code == 422


def test_an_older_page_never_overwrites_what_another_machine_saved_since(desks: Desks) -> None:
    """Machine A loses its line after a slip; the same teller goes on at machine B; then A's line comes back."""
    client = claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")

    def save(present: str, page: Mapping[str, str]) -> int:
        body = {"values": {"attendance.present": present}, "revision": str(form.revision), **page}
        return client.post(f"/drafts/{form.id}", json=body, headers={"Accept": "application/json"}).status_code

    first: dict[str, Any] = {"page": "a" * 16, "after": ""}
    assert (save("3", first | {"turn": 1}), save("30", first | {"turn": 2})) == (200, 200), "a page goes on saving"
    assert save("3", first | {"turn": 1}) == 200, "one of its own that comes late changes nothing"
    assert 'name="attendance.present" value="30"' in client.get(FORM).text
    second: dict[str, Any] = {"page": "b" * 16, "after": "a" * 16 + "-2"}
    assert (save("28", second), save("28", second)) == (200, 200), "made with what the first had saved"
    assert (save("3", first | {"turn": 3}), save("3", {"page": "c" * 16, "after": ""})) == (409, 409)
    stale = client.post(FORM, data=fields(desks, changes=first))
    assert stale.status_code == 409 and "较新的数字" in stale.text
    assert 'name="attendance.present" value="28"' in client.get(FORM).text
    again = {"page": "d" * 16, "after": "a" * 16 + "-2", "took": "b" * 16}
    assert save("29", again) == 200, "made while the page before it was still sending what it took over"


def test_a_page_from_before_the_form_moved_on_is_stale(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    old = fields(desks)
    client.post(f"{FORM}/discard", data={"revision": old["revision"]})
    claimed(desks, TELLERS[0])
    page = client.post(FORM, data=old)
    assert page.status_code == 409 and "已过时" in page.text


def test_a_revision_of_five_thousand_digits_breaks_nothing(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    form = desks.evening.form("u1")
    body = {"values": {}, "revision": "9" * 5000} | PAGE
    assert client.post(f"/drafts/{form.id}", json=body).status_code < 500
    assert client.post(FORM, data=fields(desks, changes={"revision": "9" * 5000})).status_code < 500


def test_an_own_draft_is_given_up(desks: Desks) -> None:
    client = claimed(desks, TELLERS[0])
    page = client.post(
        f"{FORM}/discard", data={"revision": str(desks.evening.form("u1").revision)}, follow_redirects=True
    )
    assert "已放弃计票单 01-1-1" in page.text and state(desks) is EntryState.EMPTY


def test_the_paper_is_read_off_the_names_of_the_fields() -> None:
    names = [
        "sections.3.candidates.7.for",
        "sections.3.valid",
        "attendance.present",
        "sections.3.write_ins.0.name",
        "x",
    ]
    assert shape_of(names) == {"3": ["7"]}
