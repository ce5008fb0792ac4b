"""Rules are data: read as a person types them, set until first used, frozen by the act that uses them first."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from election.congress.models import RuleValue
from election.congress.rules_in_force import rule_rows, rules_in_force, set_rule, use_rules
from election.errors import Forbidden, NotFound, Refused
from election.rules import BY_NAME, RULES
from election.store.models import AuditEvent
from election.texts import catalogue, sentence
from tests.house.sources import modules
from tests.support.county import County, begin, county_from
from tests.support.stores import Stores

NUMBERS = [rule for rule in RULES if rule.choices is None and not rule.listing]
LISTS = [rule for rule in RULES if rule.listing]
CHOICES = [rule for rule in RULES if rule.choices is not None]


@pytest.fixture
def county(stores: Stores):
    made = county_from(stores, "begun", begin)
    yield made
    made.database.close()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_default_is_permitted_and_every_rule_says_where_it_is_written(rule) -> None:
    typed = "\n".join(rule.default) if rule.listing else str(rule.default)
    assert rule.read(typed) == rule.default
    assert rule.zh and rule.en and rule.source
    assert rule.shown(rule.default) and rule.shown(rule.default, "en")


@pytest.mark.parametrize("rule", NUMBERS, ids=lambda rule: rule.name)
def test_a_number_is_taken_at_its_bounds_and_not_beyond(rule) -> None:
    assert [rule.read(f" {bound} ") for bound in (rule.least, rule.most)] == [rule.least, rule.most]
    for wrong in (str(rule.least - 1), str(rule.most + 1), "", "1.5", "一", "1e3", "1" * 5000, "½"):
        with pytest.raises(Refused) as caught:
            rule.read(wrong)
        said = sentence(caught.value.code, caught.value.params)
        assert caught.value.field == rule.name and rule.zh in said.zh and rule.en in said.en


@pytest.mark.parametrize("rule", LISTS, ids=lambda rule: rule.name)
def test_a_list_of_names_takes_each_once_and_not_too_many(rule) -> None:
    assert rule.read(" 甲机关、乙机关\n甲机关；\n") == ["甲机关", "乙机关"]
    assert rule.read("") == []
    for wrong in ("、".join(f"第{place}项" for place in range(rule.most + 1)), "长" * 61):
        with pytest.raises(Refused) as caught:
            rule.read(wrong)
        assert caught.value.field == rule.name and rule.zh in sentence(caught.value.code, caught.value.params).zh


@pytest.mark.parametrize("rule", CHOICES, ids=lambda rule: rule.name)
@given(typed=st.text(max_size=20))
def test_a_choice_is_one_of_those_offered(rule, typed: str) -> None:
    try:
        assert rule.read(typed) in rule.choices
    except Refused as refused:
        said = sentence(refused.code, refused.params)
        assert typed.strip() not in rule.choices and rule.en in said.en


def test_a_rule_is_set_and_the_same_value_again_is_no_event(county: County) -> None:
    for text in ("40", " 40 "):
        with county.acting("office") as act:
            set_rule(act, county.congress_id, "margin_min", text)
    with county.reading() as session:
        assert rules_in_force(session, county.congress_id)["margin_min"] == 40
        events = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "rule.set")).all()
        assert events == [{"before": 20, "after": 40}]


def test_a_rule_freezes_at_its_first_use_and_only_then(county: County) -> None:
    with county.acting("office") as act:
        assert use_rules(act, county.congress_id, "slate.frozen", "margin_min") == {"margin_min": 20}
    first = frozen(county)
    with county.acting("office") as act:
        use_rules(act, county.congress_id, "round.decided", "margin_min", "majority_base")
    assert first == {"margin_min": "slate.frozen"}
    assert frozen(county) == {"margin_min": "slate.frozen", "majority_base": "round.decided"}
    with county.reading() as session:
        events = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "rules.frozen")).all()
    assert [event["rules"] for event in events] == [{"margin_min": 20}, {"majority_base": "expected"}]


def frozen(county: County) -> dict[str, str | None]:
    with county.reading() as session:
        return dict(
            session.execute(
                select(RuleValue.name, RuleValue.frozen_by).where(RuleValue.frozen_at.is_not(None))
            ).all()
        )  # fmt: skip


def test_a_frozen_rule_keeps_its_value_and_names_the_act_that_fixed_it(county: County) -> None:
    with county.acting("office") as act:
        use_rules(act, county.congress_id, "slate.frozen", "margin_min")
    with pytest.raises(Refused) as caught, county.acting("office") as act:
        set_rule(act, county.congress_id, "margin_min", "40")
    said = sentence(caught.value.code, caught.value.params)
    assert "最低差额比例" in said.zh and "确定候选人名单" in said.zh
    assert "Least margin" in said.en and "slate frozen" in said.en
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "margin_min", "20")  # the value that it has


def test_a_refused_act_freezes_nothing(county: County) -> None:
    with pytest.raises(Refused), county.acting("office") as act:
        use_rules(act, county.congress_id, "slate.frozen", "margin_min")
        raise Refused("rules.none", name="x")
    assert frozen(county) == {}


def test_unknown_rules_and_congresses_are_not_found(county: County) -> None:
    with pytest.raises(NotFound), county.acting("office") as act:
        set_rule(act, county.congress_id, "nonsense", "1")
    with pytest.raises(NotFound), county.acting("office") as act:
        use_rules(act, 999, "slate.frozen", "margin_min")
    with pytest.raises(Forbidden), county.acting("approver") as act:
        set_rule(act, county.congress_id, "margin_min", "40")


def test_rules_are_listed_in_the_order_of_the_catalogue(county: County) -> None:
    with county.reading() as session:
        assert [row.name for row in rule_rows(session, county.congress_id)] == list(BY_NAME)


def test_what_is_used_and_what_is_set_at_the_same_moment_is_one_value(county: County) -> None:
    """One act reads the rule while another sets it: either the setting came first, or it is refused."""
    set_first = threading.Event()
    outcome: list[object] = []

    def set_it() -> None:
        try:
            with county.acting("office") as act:
                set_rule(act, county.congress_id, "margin_min", "40")
                act.session.flush()
                set_first.wait(0.5)
            outcome.append("set")
        except Refused as refused:
            outcome.append(refused.code)

    other = threading.Thread(target=set_it)
    other.start()
    with county.acting("approver") as act:
        used = use_rules(act, county.congress_id, "slate.frozen", "margin_min")
        set_first.set()
    other.join(20)
    with county.reading() as session:
        assert rules_in_force(session, county.congress_id) | used == rules_in_force(session, county.congress_id)
    assert outcome in (["set"], ["rules.frozen"])


def test_every_act_that_freezes_a_rule_has_its_words() -> None:
    import ast

    used = {
        node.args[2].value
        for path in modules("election")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "use_rules"
        and isinstance(node.args[2], ast.Constant)
        and isinstance(node.args[2].value, str)
    }
    assert used and {f"act.{action}" for action in used} <= set(catalogue())
