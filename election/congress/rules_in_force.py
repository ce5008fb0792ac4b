"""The rules of one congress: read, set until first used, frozen by the act that uses them first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import RuleValue
from election.errors import NotFound, Refused
from election.machine import Words
from election.people.act import Act
from election.people.permissions import Permission
from election.rules import BY_NAME

# The acts that freeze a rule, in words. The code stands in `RuleValue.frozen_by`.
FREEZING = {
    "scheme.approved": Words("名额分配方案批准", "approval of the scheme"),
    "branch_ballot.recorded": Words("登记支部推选结果", "recording of a branch ballot"),
    "notice.published": Words("发布公示", "publication of a notice"),
    "slate.frozen": Words("候选人名单确定", "freezing of a slate"),
    "meeting.opened": Words("选举大会开会", "opening of a meeting"),
    "count.finalised": Words("提交计票单", "submission of a count form"),
    "round.decided": Words("得出选举结果", "decision of a contest"),
}


def rules_in_force(session: Session, congress_id: int) -> dict[str, Any]:
    """Every rule of the congress by name: one statement."""
    rows = session.execute(select(RuleValue.name, RuleValue.value).where(RuleValue.congress_id == congress_id))
    return {name: value for name, value in rows}


def rule_rows(session: Session, congress_id: int) -> list[RuleValue]:
    """The stored rules in the order of the catalogue."""
    rows = {row.name: row for row in session.scalars(select(RuleValue).where(RuleValue.congress_id == congress_id))}
    return [rows[name] for name in BY_NAME if name in rows]


def use_rules(act: Act, congress_id: int, action: str, *names: str) -> dict[str, Any]:
    """The values of the named rules, frozen from now on when `action` is the first recorded act that used them."""
    rows = act.session.scalars(
        select(RuleValue).where(RuleValue.congress_id == congress_id, RuleValue.name.in_(names))
    ).all()
    if len(rows) != len(set(names)):
        raise NotFound("congress.none")
    fresh = [row for row in rows if row.frozen_at is None]
    for row in fresh:
        row.frozen_at, row.frozen_by = act.now, action
    if fresh:
        act.record(
            "rules.frozen", "congress", congress_id=congress_id, by=action, rules={row.name: row.value for row in fresh}
        )
    return {row.name: row.value for row in rows}


def set_rule(act: Act, congress_id: int, name: str, text: str) -> None:
    """Sets a rule that no recorded act has used yet. The same value again changes nothing."""
    act.require(Permission.CONGRESS_EDIT, congress_id=congress_id)
    if name not in BY_NAME:
        raise NotFound("rules.none", name=name)
    rule = BY_NAME[name]
    value = rule.read(text)
    row = act.session.scalar(
        select(RuleValue).where(RuleValue.congress_id == congress_id, RuleValue.name == name).with_for_update()
    )
    if row is None:
        raise NotFound("congress.none")
    if row.value == value:
        return
    if row.frozen_at is not None:
        raise Refused("rules.frozen", field=name, rule=rule.zh, action=FREEZING[str(row.frozen_by)])
    before, row.value = row.value, value
    act.record("rule.set", f"rule:{name}", congress_id=congress_id, before=before, after=value)
