"""The slate of a round that follows from a vote, and a slate without who can no longer stand once the meeting is open.

Steps of a meeting's act that one person proposed and another agreed to; these two stand on the slate as who handed it in
and who froze it. Asks for no permission and decides nothing about who stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from election.contests.models import Round
from election.errors import Refused
from election.nomination.lifecycle import ApplicationState, SlateAction, SlateState, slate_transition
from election.nomination.models import Application, Slate
from election.nomination.queries import slates
from election.nomination.slates.frozen import frozen_content
from election.nomination.slates.operations_draw import Standing, in_order, place
from election.nomination.slates.queries_frozen import written_by
from election.people.act import Act
from election.people.models import Person
from election.roster.models import Member
from election.store.audit import digest


def freeze_for_round(act: Act, row: Round, members: Sequence[int], proposed_by: int) -> Slate:
    """These members, by strokes, on a frozen slate of the round. Raises Refused for a name whose strokes are unknown."""
    contest = row.contest
    people = in_order(_standing(act, contest.congress_id, members))
    return _freeze(act, row, people, proposed_by, "")


def in_ballot_order(act: Act, congress_id: int, members: Sequence[int]) -> list[int]:
    """The members in the order in which they stand on such a slate."""
    return [one.member_id for one in in_order(_standing(act, congress_id, members))]


def freeze_without(act: Act, old: Slate, member_id: int, reason: str, proposed_by: int) -> Slate:
    """A new version of a frozen slate without one of its members; the order of the others stays."""
    people = [
        Standing(one.member_id, one.application_id, one.name) for one in old.candidates if one.member_id != member_id
    ]
    if len(people) == len(old.candidates):
        raise Refused("follow_up.not_on_slate", field="member")
    if not people:
        raise Refused("follow_up.last_candidate", field="member")
    old.in_use_at = None
    act.session.flush()
    old.state = slate_transition(old.state, SlateAction.SUPERSEDE, act.person_id, reason=reason)
    old.superseded_because = reason
    congress_id = old.round.contest.congress_id
    act.record("slate.superseded", old, congress_id=congress_id, version=old.version, reason=reason)
    act.session.flush()
    return _freeze(act, old.round, people, proposed_by, old.order_reason)


def _standing(act: Act, congress_id: int, members: Collection[int]) -> list[Standing]:
    rows = act.session.execute(
        select(Member.id, Application.id, Person.name)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(
            Application,
            (Application.member_id == Member.id)
            & (Application.congress_id == congress_id)
            & (Application.state == ApplicationState.PROPOSED),
        )
        .where(Member.id.in_(members))
        .order_by(Member.id)
    )
    return [Standing(*row) for row in rows]


def _freeze(act: Act, row: Round, people: Sequence[Standing], proposed_by: int, order_reason: str) -> Slate:
    last = act.session.scalar(select(func.max(Slate.version)).where(Slate.round_id == row.id)) or 0
    slate = Slate(round_id=row.id, version=last + 1, state=SlateState.DRAFT, order_reason=order_reason)
    act.session.add(slate)
    act.session.flush()
    place(act, slate, people)
    contest = row.contest
    line = next(one for one in slates(act.session, contest.congress_id, contest.unit_id) if one.round_id == row.id)
    content = frozen_content(line, slate, None, written_by(act.session, [line]))
    handed_in = slate_transition(slate.state, SlateAction.SUBMIT, proposed_by)
    slate.content, slate.hash = content, digest(content)
    slate.submitted_by_id, slate.submitted_at = proposed_by, act.now
    slate.frozen_by_id, slate.frozen_at = act.person_id, act.now
    slate.state = slate_transition(handed_in, SlateAction.FREEZE, act.person_id, submitter=proposed_by)
    act.session.flush()
    act.record("slate.frozen", slate, congress_id=contest.congress_id, version=slate.version, hash=slate.hash)
    return slate
