"""The room's verbs about one application: it is submitted in the own branch, withdrawn, ended.

Never counts a ballot, never puts anyone forward and never reviews: see `operations_branch.py`, `operations_proposal.py`,
`operations_review.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.eligibility import refusal, way_refusal
from election.nomination.applying.operations_applicants import load_application
from election.nomination.applying.queries_candidacies import Place, candidacies
from election.nomination.applying.queries_signers import electors
from election.nomination.applying.signers import Elector, faults
from election.nomination.lifecycle import ApplicationAction, ApplicationEnd, ApplicationState, application_transition
from election.nomination.models import Application, ApplicationSigner, Source
from election.nomination.phase import require_nomination
from election.nomination.slates.operations import leave_slates
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.queries import names_of_members

# So much of a longer text stands in the audit chain: what was rewritten can be seen, the whole is in the record.
KEPT = 200


@dataclass(frozen=True, slots=True)
class Nomination:
    """How someone is put forward and what they say: everything of an application that its form asks.

    `signers`: members who join in nominating. `recommended_by`: the organisation or people, where it is one of these.
    """

    source: Source = Source.SELF
    statement: str = ""
    career: str = ""
    recommended_by: str = ""
    signers: tuple[int, ...] = ()


def submit_application(
    act: Act, congress_id: int, member_id: int, category_id: int, said: Nomination | None = None
) -> Application:
    """A member with a vote stands in the own branch, in the recorded primary category (edge case 8).

    Raises Refused with the first thing that stands against it, Invalid with everything wrong about the signers.
    """
    made, refused = submit_applications(act, congress_id, {member_id: (category_id, said or Nomination())})
    for against in refused.values():
        raise against
    return made[member_id]


def submit_applications(
    act: Act, congress_id: int, wanted: Mapping[int, tuple[int, Nomination]], ways: Ways | None = None
) -> tuple[dict[int, Application], dict[int, Refused | Invalid]]:
    """Many members stand at once, each as in `submit_application`: who may is stored, and what stands against the others
    is handed back for the caller to judge. `wanted`: member → category and what is said. No statement per member.
    """
    ways = ways or Ways(act, congress_id)
    made: dict[int, Application] = {}
    refused: dict[int, Refused | Invalid] = {}
    told: list[tuple[Application, dict[str, Any]]] = []
    places = candidacies(act, congress_id, {member_id: category for member_id, (category, _) in wanted.items()})
    for member_id, (_, said) in wanted.items():
        try:
            row, category = _application(act, congress_id, places[member_id], said, ways)
        except (Refused, Invalid) as against:
            refused[member_id] = against
            continue
        made[member_id] = row
        told.append((row, {"member": member_id, "category": category.code, **_told(said)}))
    act.session.add_all(made.values())
    act.record_all("application.submitted", told, congress_id=congress_id)
    return made, refused


def _application(
    act: Act, congress_id: int, place: Place, said: Nomination, ways: Ways
) -> tuple[Application, Category]:
    """The application of a member whom nothing stands against, not stored yet."""
    member, unit_id, category = place.member, place.unit_id, place.category
    act.require(
        Permission.APPLICATION_RECORD, congress_id=congress_id, unit_id=unit_id, organisation_id=member.branch_id
    )
    if category is None:
        raise NotFound("application.no_such_category")
    against = refusal(place.facts)
    if against is not None:
        raise against
    ways.require_nomination()
    assert unit_id is not None  # asked by `refusal`
    signers = ways.signers(unit_id, member.id, said)
    row = Application(
        congress_id=congress_id,
        member_id=member.id,
        branch_id=member.branch_id,
        unit_id=unit_id,
        category_id=category.id,
        state=ApplicationState.APPLIED,
        submitted_at=act.now,
    )
    _say(row, said)
    row.signers = [ApplicationSigner(member_id=number) for number in signers]
    return row, category


class Ways:
    """By which ways people may be nominated in a congress, and who may sign: rules and rosters are read once."""

    def __init__(self, act: Act, congress_id: int) -> None:
        self.act, self.congress_id = act, congress_id
        self.open = False
        self.rules: dict[str, Any] = {}
        self.rosters: dict[int, dict[int, Elector]] = {}

    def require_nomination(self) -> None:
        if not self.open:
            require_nomination(self.act, self.congress_id)
            self.open = True

    def _rule(self, name: str) -> Any:
        if name not in self.rules:
            self.rules |= use_rules(self.act, self.congress_id, "application.submitted", name)
        return self.rules[name]

    def electors(self, unit_id: int) -> Mapping[int, Elector]:
        """Every member of a unit as far as signing goes."""
        if unit_id not in self.rosters:
            self.rosters[unit_id] = {one.member_id: one for one in electors(self.act.session, unit_id)}
        return self.rosters[unit_id]

    def signers(self, unit_id: int, member_id: int, said: Nomination) -> tuple[int, ...]:
        """The signers of a nomination that may come this way; none where it is not joint."""
        against = way_refusal(said.source, self._rule("nomination_source"), said.recommended_by)
        if against is not None:
            raise against
        if said.source is not Source.JOINT:
            if said.signers:
                raise Refused("signers.needless", field="signers", way=said.source)
            return ()
        signers = tuple(dict.fromkeys(said.signers))
        listed = self.electors(unit_id)
        outside = names_of_members(self.act.session, set(signers) - listed.keys())
        names = {number: listed[number].name for number in signers if number in listed} | outside
        if wrong := faults(member_id, signers, listed, names, self._rule("joint_signers")):
            raise Invalid(wrong)
        return signers


def correct_application(act: Act, application_id: int, said: Nomination) -> Application:
    """What the form says is put right, as long as the branch has not voted. Who stands, and where, never changes."""
    found = load_application(act, application_id)
    row = found.row
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=row.congress_id,
        unit_id=row.unit_id,
        organisation_id=row.branch_id,
    )
    require_nomination(act, row.congress_id)
    if row.state is not ApplicationState.APPLIED:
        raise Refused("application.corrected_late", state=row.state)
    signers = Ways(act, row.congress_id).signers(row.unit_id, row.member_id, said)
    before = Nomination(
        row.source, row.statement, row.career, row.recommended_by, tuple(one.member_id for one in row.signers)
    )
    _say(row, said)
    _sign(act, row, signers)
    act.record(
        "application.corrected",
        row,
        congress_id=row.congress_id,
        member=row.member_id,
        was=_told(before) | _words(before, said),
        **_told(said),
        **_words(said, before),
    )
    return row


def _say(row: Application, nomination: Nomination) -> None:
    """Writes down what the form says."""
    row.source = nomination.source
    row.statement, row.career = nomination.statement.strip(), nomination.career.strip()
    row.recommended_by = nomination.recommended_by.strip()


def _sign(act: Act, row: Application, signers: tuple[int, ...]) -> None:
    """These and no others have signed."""
    act.session.flush()
    act.session.execute(delete(ApplicationSigner).where(ApplicationSigner.application_id == row.id))
    act.session.add_all(ApplicationSigner(application_id=row.id, member_id=number) for number in signers)
    act.session.flush()
    act.session.expire(row, ["signers"])


def _told(said: Nomination) -> dict[str, Any]:
    """What the audit chain keeps of a nomination."""
    told: dict[str, Any] = {"source": said.source.value}
    if said.recommended_by.strip():
        told["recommended_by"] = said.recommended_by.strip()
    if said.source is Source.JOINT:
        told["members"] = list(dict.fromkeys(said.signers))
    return told


def _words(said: Nomination, other: Nomination) -> dict[str, str]:
    """Of the longer texts those in which two nominations differ, shortened: enough to see what was rewritten."""
    texts = {name: (getattr(said, name).strip(), getattr(other, name).strip()) for name in ("career", "statement")}
    return {name: shorten(mine) for name, (mine, theirs) in texts.items() if mine != theirs}


def shorten(text: str) -> str:
    """A text as the audit chain keeps it."""
    return text if len(text) <= KEPT else f"{text[:KEPT]}…"


def withdraw_application(act: Act, application_id: int, reason: str) -> Application:
    """The applicant steps back and says why; recorded by the clerk of the branch."""
    found = load_application(act, application_id)
    row = found.row
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=row.congress_id,
        unit_id=row.unit_id,
        organisation_id=row.branch_id,
    )
    require_nomination(act, row.congress_id)
    before = row.state
    row.state = application_transition(
        before, ApplicationAction.WITHDRAW, act.person_id, applicant=found.person_id, reason=reason
    )
    row.ended_because = reason.strip()
    leave_slates(act, row, row.ended_because)
    act.record("application.withdrawn", row, congress_id=row.congress_id, before=before.value, reason=row.ended_because)
    return row


def end_application(act: Act, application_id: int, end: ApplicationEnd | None, note: str = "") -> Application:
    """Death, transfer, made scrutineer, rights suspended: recorded by the office (edge case 14)."""
    found = load_application(act, application_id)
    row = found.row
    act.require(Permission.APPLICATION_REVIEW, congress_id=row.congress_id)
    require_nomination(act, row.congress_id)
    before = row.state
    row.state = application_transition(before, ApplicationAction.END, act.person_id, applicant=found.person_id, end=end)
    assert end is not None  # the transition refuses an end without its kind
    row.ended_because = f"{end.zh}：{note.strip()}" if note.strip() else end.zh
    leave_slates(act, row, row.ended_because)
    act.record(
        "application.ended", row, congress_id=row.congress_id, before=before.value, end=end.value, note=note.strip()
    )
    return row
