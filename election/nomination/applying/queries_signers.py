"""Shaped reading of who may join in nominating someone, and who did. Changes nothing; one statement per list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.nomination.applying.signers import Elector
from election.nomination.models import ApplicationSigner
from election.people.models import Person, Sex
from election.roster.electors import has_vote
from election.roster.models import Member, Organisation, UnitBranch
from election.texts import chinese_date

SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}


def electors(session: Session, unit_id: int) -> list[Elector]:
    """Every member of a unit as far as signing goes, branch by branch."""
    rows = session.execute(
        select(
            Member.id,
            Person.name,
            Organisation.code,
            Organisation.name,
            Person.born_on,
            Member.standing,
            Member.suspension,
            Person.sex,
            Member.joined_on,
            Member.post,
        )
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.unit_id == unit_id)
        .order_by(Organisation.code, Member.id)
    )
    return [
        Elector(
            member_id,
            name,
            code,
            branch,
            f"{born_on.year}年{born_on.month}月" if born_on else "",
            has_vote(standing, suspension),
            SEXES[sex],
            f"{chinese_date(joined_on)}入党" if joined_on else "",
            post,
        )
        for member_id, name, code, branch, born_on, standing, suspension, sex, joined_on, post in rows
    ]


@dataclass(frozen=True, slots=True)
class SignerLine:
    member_id: int
    name: str
    branch_name: str


def signers_of(session: Session, application_ids: Collection[int]) -> dict[int, list[SignerLine]]:
    """application → who joined in nominating, in the order in which they signed."""
    found: dict[int, list[SignerLine]] = {}
    rows: Any = session.execute(
        select(ApplicationSigner.application_id, Member.id, Person.name, Organisation.name)
        .join(Member, Member.id == ApplicationSigner.member_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(ApplicationSigner.application_id.in_(application_ids))
        .order_by(ApplicationSigner.application_id, ApplicationSigner.id)
    )
    for application_id, *signer in rows:
        found.setdefault(application_id, []).append(SignerLine(*signer))
    return found
