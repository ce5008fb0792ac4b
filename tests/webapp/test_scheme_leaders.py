"""Leaders assigned to units, at the desk: by name, refused at the field, released again."""

from __future__ import annotations

import re

import pytest

from election.roster.models import Member
from tests.election.quotas.conftest import made
from tests.support.county import name_of
from tests.webapp.conftest import CountySite, MakeSite


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("to be divided", made)


def leader(at: CountySite) -> tuple[int, str]:
    with at.county.reading() as session:
        for member_id in at.county.members("u1-b1"):
            row = session.get_one(Member, member_id)
            if row.category == "leader":
                return member_id, row.person.name
    raise AssertionError("no leader on the roster")


def test_a_leader_is_assigned_by_name_and_released(at: CountySite) -> None:
    office = at.at("office")
    _, name = leader(at)
    assert office.post(at.page("/office/leaders"), {"name": name, "unit": "u2"}).status_code == 302
    page = office.get(at.page("/office/leaders")).text
    assert name in page
    (path,) = re.findall(r"/office/leaders/\d+/release", page)
    again = office.post(at.page("/office/leaders"), {"name": name, "unit": "u1"})
    assert again.status_code == 422 and "已安排到一个选举单位" in again.text
    assert office.post(at.page(path)).status_code == 302
    assert office.post(at.page(path)).status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "", "unit": "u1"}, "请填写姓名"),
        ({"name": "查无此人", "unit": "u1"}, "没有叫“查无此人”的党员"),
        ({"name": name_of(1), "unit": "u1"}, "不能安排等额名额"),
        ({"name": name_of(0), "unit": "u9"}, ""),
    ],
)
def test_a_leader_who_cannot_be_is_refused_at_the_field(at: CountySite, given, said: str) -> None:
    answer = at.at("office").post(at.page("/office/leaders"), given)
    assert answer.status_code == 422 and said in answer.text and f'value="{given["name"]}"' in answer.text


def test_nobody_else_is_assigned_under_a_name(at: CountySite) -> None:
    """The number that is sent along picks among those of the name, and never anybody else."""
    member_id, _ = leader(at)
    other = name_of(1)
    answer = at.at("office").post(at.page("/office/leaders"), {"name": other, "unit": "u1", "member": str(member_id)})
    assert answer.status_code == 422
    for number in ("x", "-1", "9" * 30):
        odd = at.at("office").post(at.page("/office/leaders"), {"name": other, "unit": "u1", "member": number})
        assert odd.status_code == 422, number
