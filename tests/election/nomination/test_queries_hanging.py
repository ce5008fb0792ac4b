"""Who hangs after a row of notices of candidates, and since which of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from election.nomination.queries_hanging import Posted, hanging
from election.notices.models import How, Notice

FARMER, OTHER = Posted(1, "u1", "farmer", False), Posted(1, "u1", "other", False)
FRIEND = Posted(2, "u1", "farmer", False)
FIRST, SECOND, THIRD = date(2031, 3, 3), date(2031, 4, 7), date(2031, 5, 5)


def notice(day: date, *posted: Posted, how: How | None = None, post: str = "") -> Notice:
    groups = [
        {"category": one.category, "assigned": one.assigned, "people": [{"person": one.person, "post": post}]}
        for one in posted
    ]
    content: dict[str, Any] = {"units": [{"code": "u1", "name": "第1镇", "groups": groups}]}
    if how is not None:
        content["follows"] = {"number": 1, "how": how.value}
    return Notice(published_on=day, last_day=day, working_days=5, content=content)


def test_who_hangs_for_one_contest_hangs_for_no_other() -> None:
    found = hanging([notice(FIRST, FARMER, FRIEND), notice(SECOND, OTHER, how=How.SUPPLEMENTS)])
    assert {posted: hung.since.last_day for posted, hung in found.items()} == {
        FARMER: FIRST,
        FRIEND: FIRST,
        OTHER: SECOND,
    }


def test_a_whole_notice_without_somebody_takes_them_down_and_they_begin_anew() -> None:
    taken_down = [notice(FIRST, FARMER, FRIEND), notice(FIRST, FRIEND, how=How.CORRECTS)]
    assert set(hanging(taken_down)) == {FRIEND}
    again = hanging([*taken_down, notice(SECOND, FARMER, how=How.SUPPLEMENTS)])
    assert again[FARMER].waits_until(SECOND) == SECOND and again[FARMER].waits_until(THIRD) is None


def test_a_correction_puts_nobody_up_and_tells_anew_of_who_hangs() -> None:
    found = hanging([notice(FIRST, FARMER), notice(SECOND, FARMER, FRIEND, how=How.CORRECTS, post="镇长")])
    assert set(found) == {FARMER}
    assert (found[FARMER].since.last_day, found[FARMER].shown["post"]) == (FIRST, "镇长")


def test_published_anew_nobody_who_hung_waits_again() -> None:
    found = hanging([notice(FIRST, FARMER), notice(SECOND, FARMER, FRIEND, how=How.RENEWS)])
    assert (found[FARMER].since.last_day, found[FRIEND].since.last_day) == (FIRST, SECOND)
