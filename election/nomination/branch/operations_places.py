"""How many of a branch's applicants of a category may go on (推选名额), and the ballots that count against it.

The unit sets it before its branch votes, where the rules give branches places; never decides a ballot.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.errors import NotFound, Refused
from election.nomination.branch.queries_due import ballots_in_force, gone_on
from election.nomination.branch.vote import BY_PLACES
from election.nomination.models import BranchPlaces
from election.nomination.models_margin import Reopening
from election.nomination.phase import require_nomination
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.models import Organisation
from election.roster.queries import branch_of, unit_of_branch


def set_branch_places(act: Act, congress_id: int, branch_id: int, category_id: int, places: int | None) -> None:
    """How many of a branch's applicants of a category may go on; None takes the number away again.

    Only before the branch votes, or while nomination is open again there, and where the rule gives branches places.
    """
    unit_id = unit_of_branch(act.session, congress_id, branch_id)
    act.require(Permission.NOMINEES_PROPOSE, congress_id=congress_id, unit_id=unit_id)
    require_nomination(act, congress_id)
    branch, category = hold_branch(act, congress_id, branch_id, category_id)
    if use_rules(act, congress_id, "branch_places.set", "branch_places")["branch_places"] != BY_PLACES:
        raise Refused("branch_places.not_by_rule")
    if places is not None and places < 1:
        raise Refused("branch_places.too_few", field="places")
    kept = select(BranchPlaces).where(
        BranchPlaces.congress_id == congress_id,
        BranchPlaces.branch_id == branch_id,
        BranchPlaces.category_id == category_id,
    )
    row = act.session.scalar(kept)
    before = row.places if row is not None else None
    if before == places:
        return
    held = ballots_in_force(act, congress_id, branch_id, category_id)
    if held and not _reopened(act, unit_id, category_id):
        raise Refused("branch_places.voted", branch=branch.name, category=category.name)
    if places is not None and places < gone_on(held):
        raise Refused("branch_places.filled", field="places", branch=branch.name, gone_on=gone_on(held))
    if places is None:
        act.session.execute(delete(BranchPlaces).where(BranchPlaces.id == (row.id if row is not None else 0)))
    elif row is None:
        act.session.add(
            BranchPlaces(congress_id=congress_id, branch_id=branch_id, category_id=category_id, places=places)
        )
    else:
        row.places = places
    act.record(
        "branch_places.set",
        f"organisation:{branch_id}",
        congress_id=congress_id,
        organisation=branch.name,
        category=category.code,
        before=before,
        after=places,
    )


def hold_branch(act: Act, congress_id: int, branch_id: int, category_id: int) -> tuple[Organisation, Category]:
    """The branch, locked as an application does: who stands is fixed while its ballot is recorded."""
    act.session.execute(select(Organisation.id).where(Organisation.id == branch_id).with_for_update())
    branch, _ = branch_of(act.session, congress_id, branch_id)
    category = act.session.get(Category, category_id)
    if category is None or category.congress_id != congress_id:
        raise NotFound("application.no_such_category")
    return branch, category


def _reopened(act: Act, unit_id: int | None, category_id: int) -> bool:
    return (
        act.session.scalar(
            select(func.count())
            .select_from(Reopening)
            .where(Reopening.unit_id == unit_id, Reopening.category_id == category_id, Reopening.until >= act.today)
        )
        or 0
    ) > 0
