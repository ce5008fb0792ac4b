"""Joint nomination: typed names become members of the unit, and there are enough of them with a vote."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from election.nomination.applying.signers import Elector, faults, resolve, written

ELECTORS = [
    Elector(1, "王芳", "D0101", "高山镇一村党支部", "1985年5月", True),
    Elector(2, "王芳", "D0102", "高山镇二村党支部", "1990年1月", True),
    Elector(3, "李 明", "D0101", "高山镇一村党支部", "1970年2月", True),
    Elector(4, "王芳", "D0102", "高山镇二村党支部", "1991年7月", True),
    Elector(5, "赵一", "D0102", "高山镇二村党支部", "1991年7月", False),
]
BY_ID = {one.member_id: one for one in ELECTORS}
NAMES = {one.member_id: one.name for one in ELECTORS}


def test_names_are_told_apart_by_branch_or_month_of_birth() -> None:
    assert resolve("李明，王芳（高山镇一村党支部）、王芳(D0102 1991年7月)", ELECTORS) == ([3, 1, 4], [])


def test_a_name_that_several_have_is_asked_with_its_choices() -> None:
    found, (asked,) = resolve("李明\n王芳", ELECTORS)
    assert found == [3] and asked.code == "signers.ambiguous"
    assert "王芳（高山镇二村党支部 1991年7月）" in str(asked.params["choices"])


def test_every_choice_that_is_offered_finds_its_one() -> None:
    _, (asked,) = resolve("王芳", ELECTORS)
    assert resolve(str(asked.params["choices"]), ELECTORS) == ([1, 2, 4], [])


def test_namesakes_of_a_branch_born_in_one_month_are_told_apart_by_what_else_is_known() -> None:
    born = ("陈静", "D0101", "高山镇一村党支部", "1985年5月", True)
    namesakes = [
        Elector(6, *born, "女", "2008年7月1日入党", "村会计"),
        Elector(7, *born, "男", "2008年7月1日入党", ""),
        Elector(8, *born, "女", "2010年7月1日入党", ""),
        Elector(9, *born, "女", "2008年7月1日入党", "妇联主席（兼职）、组长"),
        Elector(10, "陈静", "D0102", "高山镇二村党支部", "1990年1月", True),
    ]
    _, (asked,) = resolve("陈静", namesakes)
    choices = str(asked.params["choices"])
    assert "陈静（高山镇一村党支部 1985年5月 男）" in choices and "陈静（高山镇二村党支部）" in choices
    assert resolve(choices, namesakes) == ([6, 7, 8, 9, 10], [])
    names = written([3, 6, 7], [*ELECTORS, *namesakes])
    assert names[3] == "李 明" and resolve("、".join(names.values()), [*ELECTORS, *namesakes]) == ([3, 6, 7], [])


def test_a_name_that_nobody_has_is_named() -> None:
    _, (unknown,) = resolve("无此人", ELECTORS)
    assert (unknown.code, unknown.params["name"]) == ("signers.unknown", "无此人")


def test_the_same_person_typed_twice_signs_once() -> None:
    assert resolve("李明、李　明", ELECTORS) == ([3], [])


@given(st.text(alphabet="王芳李明赵一（）()、 ,D0123年月", max_size=40))
def test_whatever_is_typed_finds_known_members_or_refuses(typed: str) -> None:
    found, refused = resolve(typed, ELECTORS)
    assert set(found) <= set(BY_ID) and len(found) == len(set(found))
    assert {one.code for one in refused} <= {"signers.unknown", "signers.ambiguous"}


def codes(applicant: int, signers: list[int], least: int = 2) -> list[str]:
    return [one.code for one in faults(applicant, signers, BY_ID, {**NAMES, 9: "外单位"}, least)]


def test_signers_are_other_members_of_the_unit_with_a_vote_and_enough_of_them() -> None:
    assert codes(1, [2, 3]) == []
    assert codes(1, [1, 2, 3]) == ["signers.own"]
    assert codes(1, [2, 9]) == ["signers.other_unit"]
    assert codes(1, [2, 5]) == ["signers.no_vote"]
    assert codes(1, [2, 2]) == ["signers.too_few"]
