"""Where one ballot sheet carries all contests: typed once at the scrutineers' and tellers' desks, shown once ever after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from election.congress.rules_in_force import set_rule
from election.count.entry import EntryState
from election.count.form import from_json
from election.count.queries_form import differing_fields
from election.store.database import Database
from tests.support.desks import Desks, desks_from
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, nominated, opened
from tests.support.stores import Stores
from webapp.entry_page import texts_of

BALLOTS = "/c/xian-14/scrutiny/u1/ballots"
FORM = "/c/xian-14/tally/01-1-1"
VOTES = {"农民": [25, 20, 10], "其他基层": [20, 8]}
SHARED = ("issued", "returned")


def on_one_sheet(database: Database) -> Evening:
    made = nominated(database)
    with made.county.acting("office") as act:
        set_rule(act, made.county.congress_id, "ballot_sheets", "one")
    opened(made)
    return made


@pytest.fixture
def desks(sqlite_stores: Stores) -> Iterator[Desks]:
    """The meeting is open, no ballots are recorded."""
    made = desks_from(sqlite_stores, "one-sheet", on_one_sheet)
    yield made
    made.evening.county.database.close()


def recorded(desks: Desks, issued: str = "28", returned: str = "28") -> str:
    """The page after the sheet's figures were recorded in its only row."""
    first = desks.evening.round_of("u1", "farmer")
    data = {f"ballots.{first}.issued": issued, f"ballots.{first}.returned": returned}
    return desks.client(SCRUTINEERS[0]).post(f"{BALLOTS}/1", data=data, follow_redirects=True).text


def filled(desks: Desks, **changes: str) -> dict[str, str]:
    """The form as its page posts it: what is of the sheet once, no box for it in a section."""
    texts = texts_of(from_json(desks.evening.contents("u1", VOTES)))
    own = {path: text for path, text in texts.items() if path.rpartition(".")[2] not in SHARED}
    page = {"revision": str(desks.evening.form("u1").revision), "page": "0123456789abcdef", "after": ""}
    return own | page | {"ballots.issued": "28", "ballots.returned": "28", "act": "finalise"} | changes


def boxes(text: str) -> list[str]:
    return re.findall(r'name="((?:attendance|ballots|sections)\.[\w.]+)"', text)


def test_the_scrutineers_record_the_sheet_in_one_row_for_every_contest(desks: Desks) -> None:
    page = desks.client(SCRUTINEERS[0]).get(f"{BALLOTS}?mend=1.1").text
    assert [path.rpartition(".")[2] for path in boxes(page)] == list(SHARED) and "各类别合印一张" in page
    refused = recorded(desks, "280", "")
    assert "多于实到 28 人" in refused and refused.count("空白不等于零") == 1
    assert "收回选票已登记。" in recorded(desks)
    assert [(one.issued, one.returned) for one in desks.evening.sheet("u1").sections] == [(28, 28)] * 2


def test_the_sheet_is_declared_void_once_for_all_contests(desks: Desks) -> None:
    page = recorded(desks, "28", "29")
    voids = re.findall(r'action="(/c/xian-14/scrutiny/u1/void/\d+)"', page)
    assert len(voids) == 1 and "各类别合印的选票：收回 29 张，多于发出 28 张。" in page
    page = desks.client(SCRUTINEERS[0]).post(voids[0], follow_redirects=True).text
    assert "已宣布本次投票的各项选举无效" in page and desks.evening.sheet("u1").sections == ()


def test_a_teller_types_the_sheet_s_figures_once_and_drafts_keep_them(desks: Desks) -> None:
    recorded(desks)
    client = desks.client(TELLERS[0])
    client.post(f"{FORM}/claim")
    paths = boxes(client.get(FORM).text)
    assert paths[:4] == ["attendance.expected", "attendance.present", "ballots.issued", "ballots.returned"]
    assert [path for path in paths[4:] if path.rpartition(".")[2] in SHARED] == []
    form = desks.evening.form("u1")
    values = dict.fromkeys(paths, "") | {"ballots.issued": "２８"}
    body = {"values": values, "revision": str(form.revision), "page": "0123456789abcdef", "after": ""}
    assert client.post(f"/drafts/{form.id}", json=body).status_code == 200
    assert 'name="ballots.issued" value="28"' in client.get(FORM).text


def test_what_is_wrong_with_the_sheet_is_told_once_at_its_box_and_a_tick_stands_for_all(desks: Desks) -> None:
    recorded(desks, "28", "26")
    client = desks.client(TELLERS[0])
    client.post(f"{FORM}/claim")
    page = client.post(FORM, data=filled(desks, **{"ballots.returned": "x"})).text
    assert page.count("请填整数") == 2  # beside its box, and where all is gone through before handing in
    page = client.post(FORM, data=filled(desks, **{"ballots.issued": "27", "ballots.returned": "26"})).text
    assert page.count("选票：发出 27 张，与会场登记的 28 张不符。") == 2 and "农民：发出" not in page
    page = client.post(FORM, data=filled(desks, **{"ballots.returned": "26"})).text
    keys = re.findall(r'name="accept" value="([^"]+)"', page)
    assert sum(key.startswith("count.W.202 ballots.returned") for key in keys) == 1


def test_entries_that_differ_in_the_sheet_s_figures_differ_in_one_field(desks: Desks) -> None:
    recorded(desks)
    one = from_json(desks.evening.contents("u1", VOTES))
    other = replace(one, sections={key: replace(part, returned=27) for key, part in one.sections.items()})
    (found,) = differing_fields(desks.evening.sheet("u1"), one, other)
    assert (found.path, found.category, found.first, found.second) == ("ballots.returned", "", "28", "27")


def test_the_scrutineer_compares_the_sheet_s_figures_once(desks: Desks) -> None:
    recorded(desks)
    for teller in TELLERS[:2]:
        client = desks.client(teller)
        client.post(f"{FORM}/claim")
        assert client.post(FORM, data=filled(desks)).status_code == 302
    assert desks.evening.form("u1").state is EntryState.ENTRIES_EQUAL
    page = desks.client(SCRUTINEERS[0]).get("/c/xian-14/scrutiny/forms/01-1-1").text
    assert page.count("<dt>发出选票</dt>") == page.count("<dt>收回选票</dt>") == 1 and "会议人数和选票" in page
