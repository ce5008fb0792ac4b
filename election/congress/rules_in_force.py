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
from election.texts import sentence


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
    if fresh:
        # Somebody may be setting one of them at this moment: what is used and what is frozen must be one value.
        held = select(RuleValue).where(RuleValue.id.in_([row.id for row in fresh])).with_for_update()
        act.session.scalars(held.execution_options(populate_existing=True)).all()
        fresh = [row for row in fresh if row.frozen_at is None]
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
        raise Refused("rules.frozen", field=name, rule=Words(rule.zh, rule.en), action=said(f"act.{row.frozen_by}"))
    before, row.value = row.value, value
    act.record("rule.set", f"rule:{name}", congress_id=congress_id, before=before, after=value)


def said(code: str) -> Words:
    """The words of a code, to stand inside another sentence."""
    words = sentence(code)
    return Words(words.zh, words.en)
