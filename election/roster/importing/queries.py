"""What is stored, as a roster workbook would say it: for comparing an upload with it. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.errors import Refused
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.roster.edits import LastEdit
from election.roster.importing.corrections import Correction, Corrections
from election.roster.importing.crosscheck import Known
from election.roster.importing.plan import Plan, Stored, StoredMember, make_plan
from election.roster.importing.rows import OrganisationRow, UnitRow
from election.roster.importing.workbook import Progress, read_roster, silent
from election.roster.models import Member, Organisation, UnitBranch
from election.roster.operations import BRANCHES_MOVE
from election.store.audit import congress_chain
from election.store.models import AuditEvent


def planned(
    session: Session,
    congress: Congress,
    data: bytes,
    keys: IdentityKeys,
    today: date,
    progress: Progress = silent,
) -> Plan:
    """What importing this workbook would do now. Raises Refused for a file that is no roster workbook."""
    named = select(Category.name, Category.code).where(Category.congress_id == congress.id).order_by(Category.position)
    categories = dict(session.execute(named).all())
    if not categories:
        raise Refused("roster.no_categories")
    age_least = rules_in_force(session, congress.id)["member_age_least"]
    contents = read_roster(data, categories, today, progress, age_least=age_least)
    stored = _stored(session, congress.id, keys)
    known = Known(
        units={code: row.name for code, (_, row) in stored.units.items()},
        organisations={code: row.kind for code, (_, row) in stored.organisations.items()},
        branch_units={code: row.unit for code, (_, row) in stored.organisations.items() if row.unit},
        units_open=congress.phase is Phase.PREPARATION,
        branches_open=congress.phase in BRANCHES_MOVE,
        unit_rows={code: row for code, (_, row) in stored.units.items()},
        organisation_rows={code: row for code, (_, row) in stored.organisations.items()},
    )
    return make_plan(contents, known, stored, {code: name for name, code in categories.items()}, progress)


def _stored(session: Session, congress_id: int, keys: IdentityKeys) -> Stored:
    units = {
        row.code: (row.id, UnitRow(0, row.code, row.name, row.kind, row.factor, row.factor_reason))
        for row in session.scalars(select(Unit).where(Unit.congress_id == congress_id))
    }
    votes_in = (
        select(UnitBranch.branch_id, Unit.name)
        .join(Unit, Unit.id == UnitBranch.unit_id)
        .where(UnitBranch.congress_id == congress_id)
    )
    unit_of = dict(session.execute(votes_in).all())
    rows = session.execute(
        select(Organisation.id, Organisation.code, Organisation.name, Organisation.kind, Organisation.parent_id)
    ).all()
    codes = {row.id: row.code for row in rows}
    organisations = {
        row.code: (
            row.id,
            OrganisationRow(0, row.code, row.name, row.kind, codes.get(row.parent_id, ""), unit_of.get(row.id, "")),
        )
        for row in rows
    }
    return Stored(
        units,
        organisations,
        lambda numbers: _members(session, keys, numbers),
        lambda: _corrections(session, congress_id),
    )


def _corrections(session: Session, congress_id: int) -> Corrections:
    """What was corrected by hand at members' pages, as the congress's chain has it."""
    events = session.execute(
        select(AuditEvent.details, AuditEvent.person_name, AuditEvent.at)
        .where(AuditEvent.chain == congress_chain(congress_id), AuditEvent.action == "member.changed")
        .order_by(AuditEvent.position)
    )
    return Corrections(
        Correction(details["member"], details["before"], details["after"], LastEdit(name, at))
        for details, name, at in events
    )


def _members(session: Session, keys: IdentityKeys, numbers: list[str]) -> Mapping[str, StoredMember]:
    """By the keyed hash of the identity number: the numbers themselves are not opened."""
    if not numbers:
        return {}
    found = {
        key: StoredMember(*facts)
        for key, *facts in session.execute(
            select(
                Person.identity_key,
                Person.id,
                Member.id,
                Person.name,
                Person.ethnicity,
                Person.education,
                Organisation.code,
                Member.standing,
                Member.suspension,
                Member.joined_on,
                Member.category,
                Member.post,
                Member.right_since,
                Member.right_until,
                Member.right_reason,
            )
            .outerjoin(Member, Member.person_id == Person.id)
            .outerjoin(Organisation, Organisation.id == Member.branch_id)
            .where(Person.identity_key.is_not(None))
        )
    }
    return {number: found[key] for number in numbers if (key := keys.key_of(number)) in found}
