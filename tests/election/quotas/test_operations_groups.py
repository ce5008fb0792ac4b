"""Groups: kept with the congress, in force in what is computed afterwards, stretched by hand where they contradict."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from allocation import check, read_problem
from election.congress.models import UnitKind
from election.congress.operations import add_unit, remove_unit, set_categories
from election.errors import Forbidden, Invalid, NotFound
from election.quotas.hand import Change
from election.quotas.impossible import Impossible
from election.quotas.models import ChangeKind as Kind
from election.quotas.models import QuotaGroup
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_groups import remove_group, save_group
from election.quotas.operations_hand import put_back, recompute_scheme
from election.quotas.queries import hand_changes, is_settled, scheme_by_number
from election.quotas.queries_basis import groups
from tests.election.quotas.making import change, invalid, last_event, read, refused, run, said, seats_of, seen
from tests.support.county import CATEGORIES, County


def save(county: County, *given: Any, **named: Any) -> int:
    return int(run(county, "office", save_group, *given, **named).id)


def stored(county: County) -> list[tuple[Any, ...]]:
    with county.reading() as session:
        return [
            (row.code, row.name, [u.code for u in row.units], [c.code for c in row.categories], row.least, row.most)
            for row in groups(session, county.congress_id)
        ]


def test_a_group_is_added_changed_and_removed_and_the_chain_tells_it(county: County) -> None:
    number = save(county, "towns", " 乡镇 ", ["u2", "u1"], {"farmer"}, 4, None)
    assert stored(county) == [("towns", "乡镇", ["u1", "u2"], ["farmer"], 4, None)]
    assert last_event(county, "group.added")["units"] == ["u1", "u2"]
    save(county, "towns", "乡镇", ["u1"], [], None, 9, group_id=number)
    assert stored(county) == [("towns", "乡镇", ["u1"], [], None, 9)]
    told = last_event(county, "group.changed")
    assert (told["before"]["least"], told["after"]["most"], told["after"]["categories"]) == (4, 9, [])
    with county.acting("office") as act:
        remove_group(act, number)
    assert stored(county) == []
    assert last_event(county, "group.removed")["code"] == "towns"


def test_the_same_group_again_is_no_act(county: County) -> None:
    number = save(county, "towns", "乡镇", ["u1"], [], 4, None)
    save(county, "towns", "乡镇", ["u1"], [], 4, None, group_id=number)
    with pytest.raises(AttributeError):
        last_event(county, "group.changed")


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        (("", "某组", [], [], 1, None), "quotas.group_code_wrong", "code"),
        (("Towns", "某组", [], [], 1, None), "quotas.group_code_wrong", "code"),
        (("x" * 21, "某组", [], [], 1, None), "quotas.group_code_wrong", "code"),
        (("towns", "某组", [], [], 1, None), "quotas.group_code_taken", "code"),
        (("some", " ", [], [], 1, None), "quotas.group_name_missing", "name"),
        (("some", "乡镇", [], [], 1, None), "quotas.group_name_taken", "name"),
        (("some", "某组", ["u9"], [], 1, None), "quotas.no_such_unit", "units"),
        (("some", "某组", [], ["scholar"], 1, None), "quotas.no_such_category", "categories"),
        (("some", "某组", [], [], None, None), "quotas.group_without_bound", "least"),
        (("some", "某组", [], [], 5, 4), "quotas.group_least_above_most", "least"),
        (("some", "某组", [], [], -1, None), "quotas.group_bound_wrong", "least"),
        (("some", "某组", [], [], None, 10**12), "quotas.group_bound_wrong", "most"),
        (("some", "某组", ["u1"], [], 21, None), "quotas.group_above_total", "least"),
        (("some", "某组", [], [], None, 19), "quotas.group_whole_below_total", "most"),
        (
            ("some", "某组", ["u2", "u1"], ["leader", "farmer", "other"], 0, 19),
            "quotas.group_whole_below_total",
            "most",
        ),
    ],
)
def test_a_group_that_is_not_well_said_is_refused_at_its_field(
    county: County, given: tuple[Any, ...], code: str, field: str
) -> None:
    save(county, "towns", "乡镇", ["u1"], [], 4, None)
    (refusal,) = invalid(county, "office", save_group, *given).refusals
    assert (refusal.code, refusal.field) == (code, field)
    assert len(stored(county)) == 1


def test_a_name_too_long_is_refused_and_several_faults_are_said_at_once(county: County) -> None:
    assert refused(county, "office", save_group, "towns", "长" * 41, [], [], 1, None).field == "name"
    assert len(invalid(county, "office", save_group, "?", "", ["u9"], [], None, None).refusals) == 4


def test_a_group_may_keep_its_code_and_name_and_what_is_gone_is_not_changed(county: County) -> None:
    number = save(county, "towns", "乡镇", ["u1"], [], 4, None)
    save(county, "towns", "乡镇", ["u1", "u2"], [], 4, 20, group_id=number)
    assert isinstance(refused(county, "office", save_group, "x", "某组", [], [], 1, None, group_id=99), NotFound)
    with county.acting("office") as act, pytest.raises(NotFound):
        remove_group(act, 99)


def test_only_the_office_keeps_groups(county: County) -> None:
    number = save(county, "towns", "乡镇", ["u1"], [], 4, None)
    for who in ("approver", "u1"):
        assert isinstance(refused(county, who, save_group, "x", "某组", [], [], 1, None), Forbidden)
        with county.acting(who) as act, pytest.raises(Forbidden):
            remove_group(act, number)


def test_a_bound_of_the_whole_county_may_be_said_though_it_says_little(county: County) -> None:
    plain = run(county, "office", compute_scheme).number
    save(county, "all", "全县", [], [], 0, 20)
    number = run(county, "office", compute_scheme).number
    assert seats_of(county, number) == seats_of(county, plain)
    assert read(county, number, lambda _, scheme: scheme.problem["groups"]) == [
        {"id": "all", "name": "全县", "min": 0, "max": 20}
    ]


def test_a_group_is_in_force_in_what_is_computed_after_it_and_older_schemes_are_stale(county: County) -> None:
    old = run(county, "office", compute_scheme).number
    save(county, "far", "边远", ["u1"], ["farmer", "other"], 6, None)
    error = refused(county, "office", submit_scheme, old)
    assert error.code == "scheme.blocked" and "请重新计算" in said(error)
    number = run(county, "office", compute_scheme).number
    assert sum(seats_of(county, number)[0][1:]) == 6
    with county.reading() as session:
        scheme = scheme_by_number(session, county.congress_id, number)
        assert check(read_problem(scheme.problem), scheme.allocation) == []
    run(county, "office", submit_scheme, number)
    run(county, "approver", approve_scheme, number)


def test_a_group_that_asks_too_much_is_stretched_by_hand(county: County) -> None:
    save(county, "far", "边远", ["u1"], [], 14, None)
    save(county, "near", "城关", ["u2"], [], 9, None)
    error = invalid(county, "office", compute_scheme)
    assert isinstance(error, Impossible)
    number = run(county, "office", compute_scheme, changes=error.changes).number
    assert sum(map(sum, seats_of(county, number))) == 20
    lines = read(county, number, hand_changes)
    assert lines and read(county, number, is_settled)
    assert all(line.reason == "为消除规则矛盾" for line in lines)


def test_a_bound_of_a_group_changed_by_hand_is_its_bound_in_this_version_alone(county: County) -> None:
    save(county, "far", "边远", ["u1"], ["farmer"], 4, None)
    number = run(county, "office", compute_scheme).number
    change(county, "office", number, Change(Kind.GROUP_LEAST, None, None, "far", 5, locked=True))
    assert last_event(county, "scheme.changed")["before"] == 4
    run(county, "office", recompute_scheme, number)
    assert seats_of(county, number)[0][1] == 5
    (line,) = read(county, number, hand_changes)
    assert (line.group, line.group_name, line.unit_name, line.in_force) == ("far", "边远", "", True)
    assert stored(county)[0][4] == 4


def test_a_change_of_a_group_that_was_removed_has_to_be_put_back_first(county: County) -> None:
    group = save(county, "far", "边远", ["u1"], ["farmer"], 4, None)
    number = run(county, "office", compute_scheme).number
    change(county, "office", number, Change(Kind.GROUP_LEAST, None, None, "far", 5, locked=True))
    with county.acting("office") as act:
        remove_group(act, group)
    error = refused(county, "office", recompute_scheme, number)
    assert error.code == "quotas.no_such_group" and "放回" in said(error)
    (line,) = read(county, number, hand_changes)
    run(county, "office", put_back, number, line.id, seen=seen(county, number))
    run(county, "office", recompute_scheme, number)
    assert "groups" not in read(county, number, lambda _, scheme: scheme.problem)


def test_a_unit_or_category_in_a_group_is_not_removed_from_under_it(county: County) -> None:
    with county.acting("office") as act:
        unit = add_unit(act, county.congress_id, code="u9", name="第9镇", kind=UnitKind.ORGAN).id
    fourth = CATEGORIES[2].__class__("fourth", "第四类", CATEGORIES[2].share - CATEGORIES[2].share)
    run(county, "office", set_categories, [*CATEGORIES, fourth])
    group = save(county, "far", "边远", ["u9"], ["fourth"], None, 4)

    def remove(act: Any, _congress_id: int) -> None:
        remove_unit(act, unit)

    for error in (refused(county, "office", remove), refused(county, "office", set_categories, CATEGORIES)):
        assert error.code == "congress.in_use" and "已被使用" in said(error)
    with county.acting("office") as act:
        remove_group(act, group)
    run(county, "office", remove)
    run(county, "office", set_categories, CATEGORIES)


@pytest.mark.parametrize(
    "impossible",
    [{"least": None, "most": None}, {"least": 5, "most": 4}, {"least": -1}, {"code": ""}, {"code": "towns", "most": 9}],
    ids=lambda values: " ".join(values),
)
def test_the_database_itself_refuses_a_group_that_bounds_nothing_or_wrongly(
    county: County, impossible: dict[str, Any]
) -> None:
    save(county, "towns", "乡镇", ["u1"], [], 4, None)
    with pytest.raises((DBAPIError, Invalid)), county.database.writing() as session:
        session.add(
            QuotaGroup(**{"congress_id": county.congress_id, "code": "x", "name": "某组", "least": 1, **impossible})
        )
