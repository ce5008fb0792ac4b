"""Reads what the documents of a scheme say, and hands them over as files: the plan as PDF and as a workbook. Changes nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from election.congress.letterhead import sender_of
from election.congress.models import Congress
from election.congress.rules_in_force import rules_in_force
from election.documents.paper import render
from election.people.act import local_day
from election.people.queries import names_of
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.plan.figures import Plan, plan_of
from election.quotas.plan.paper import Occasion, plan_paper
from election.quotas.plan.workbook import plan_workbook
from election.quotas.queries import authors, explanation, hand_changes
from election.quotas.queries_comparison import measure_of
from election.quotas.queries_sheet import sheet
from election.quotas.weights import RULES_USED
from election.rules import BY_NAME
from election.texts import chinese_date

# What a workbook's own problem leaves to the rules.
RULES_OF_A_WORKBOOK = ("margin_min",)
MARKS = {SchemeState.APPROVED: "", SchemeState.SUPERSEDED: "已取代"}
DRAFT = "草案"


def plan_at(session: Session, congress: Congress, scheme: Scheme) -> Plan:
    """The numbers of a scheme that `scheme_by_number` read."""
    margin = int(rules_in_force(session, congress.id)["margin_min"])
    measure = measure_of(scheme)
    return plan_of(
        scheme.number,
        scheme.hash,
        scheme.problem,
        scheme.allocation,
        sheet(congress, scheme, margin),
        explanation(scheme),
        hand_changes(congress, scheme),
        margin,
        base=scheme.base,
        shares=measure.shares if measure.by_rules else None,
    )


def occasion(session: Session, congress: Congress, scheme: Scheme) -> Occasion:
    """What surrounds the numbers on paper."""
    values = rules_in_force(session, congress.id)
    makers = [scheme.author_id, *sorted(authors(session, scheme) - {scheme.author_id})]
    people = names_of(
        session,
        {scheme.submitted_by_id, scheme.approved_by_id, *makers, *(row.author_id for row in scheme.changes)},
    )
    rules = RULES_OF_A_WORKBOOK if scheme.source else RULES_USED
    parts = (
        ("编制", makers, scheme.computed_at),
        ("送审", [scheme.submitted_by_id], scheme.submitted_at),
        ("批准", [scheme.approved_by_id], scheme.approved_at),
    )
    return Occasion(
        congress=congress.name,
        sender=sender_of(congress.county),
        state=_state(scheme),
        date=chinese_date(day_of(scheme)),
        reply=_reply(congress),
        source=scheme.source,
        per_member=int(values["weight_members"]),
        per_organisation=int(values["weight_organisations"]),
        rules=tuple((BY_NAME[name].zh, BY_NAME[name].shown(values[name]), BY_NAME[name].ground) for name in rules),
        people=tuple(
            (part, f"{'、'.join(people[one] for one in persons if one is not None)}　{chinese_date(local_day(at))}")
            for part, persons, at in parts
            if at is not None
        ),
        authors=people,
    )


def day_of(scheme: Scheme) -> date:
    """The day that the paper bears: of the approval, or of the computing while it is a draft."""
    return local_day(scheme.approved_at or scheme.computed_at)


def mark_of(scheme: Scheme) -> str:
    """What every page says of a scheme that is not in force."""
    return MARKS.get(scheme.state, DRAFT)


def _state(scheme: Scheme) -> str:
    if scheme.approved_at is None:
        return DRAFT
    approved = f"{chinese_date(local_day(scheme.approved_at))}批准"
    return approved if scheme.state is SchemeState.APPROVED else f"{approved}，{MARKS[SchemeState.SUPERSEDED]}"


def _reply(congress: Congress) -> str:
    if congress.reply_number is not None and congress.reply_on is not None:
        return f"上级批复：{congress.reply_number}（{chinese_date(congress.reply_on)}）。"
    return f"未报上级批复的理由：{congress.reply_waived_because}。" if congress.reply_waived_because else ""


def plan_pdf(session: Session, congress: Congress, scheme: Scheme, *, demo: bool) -> bytes:
    """The plan with its sheet and certificate as PDF."""
    return render(
        "plan",
        plan_paper(plan_at(session, congress, scheme), occasion(session, congress, scheme)),
        title=f"{congress.name}代表名额分配方案（方案{scheme.number}）",
        day=day_of(scheme),
        demo=demo,
        mark=mark_of(scheme),
    )


def plan_xlsx(session: Session, congress: Congress, scheme: Scheme, *, demo: bool) -> bytes:
    """The sheet with its live sums, and the certificate, as a workbook."""
    marks = [word for word in ("演示" if demo else "", mark_of(scheme)) if word]
    return plan_workbook(
        plan_at(session, congress, scheme),
        title=f"{congress.name}代表名额分配表",
        version=f"方案{scheme.number}　{_state(scheme)}",
        marks=marks,
        made_at=scheme.approved_at or scheme.computed_at,
    )
