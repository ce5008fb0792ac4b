"""What the slates of a congress are held against before they are frozen: the notices, the objections, who stands where now.

Read for the whole county in a handful of statements, or for one unit; the pure `readiness.py` judges. Changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, case, func, select, union
from sqlalchemy.orm import Session, aliased

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.contests.models import ContestKind
from election.nomination.lifecycle import HANDED_IN, OPEN_STATES, ApplicationState, SlateState
from election.nomination.models import Application
from election.nomination.queries import SlateLine
from election.nomination.queries_hanging import Hung, Posted, announced, as_shown
from election.nomination.slates.readiness import Change, NoticeFacts, Objections, SlateFacts
from election.notices.models import Notice, NoticeKind, Objection
from election.notices.queries import UNSETTLED, is_over, latest_notice
from election.notices.queries_electors import changes_since_notice, list_changes
from election.people.models import Person
from election.quotas.models import AssignedLeader
from election.roster.electors import has_vote
from election.roster.models import Member, UnitBranch
from election.roster.queries_units import rosters_at, unit_roster
from election.texts import chinese_date

# name, unit now, vote, recorded category, state and category of the live application
_Standing = tuple[str, int, bool, str, ApplicationState | None, int]

# Whoever stands on no roster may belong to any unit: what is objected about them holds up all.
EVERYWHERE = -1


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What every slate is held against. `hanging`: who is on a notice of candidates, and for which contest; objections by
    unit, those about somebody on no roster under EVERYWHERE; `roster_moved` and `electors_moved`: the units whose roster
    changed since it was verified, whose electors since they were published.
    """

    today: date
    notice: NoticeFacts
    electors: NoticeFacts
    hanging: Mapping[Posted, Hung]
    objections: Mapping[int, Objections]
    standing: Mapping[int, _Standing]
    proposed: Counter[tuple[int, int]]
    assigned: Mapping[int, set[int]]
    roster_moved: frozenset[int]
    electors_moved: frozenset[int]

    @classmethod
    def read(cls, session: Session, congress_id: int, today: date, unit_id: int | None) -> Circumstances:
        """Six statements, whatever the size of the county; of one unit, only who stands there."""
        notices = announced(session, congress_id)
        standing, proposed = _standing(session, congress_id, unit_id)
        assigned: dict[int, set[int]] = defaultdict(set)
        leaders = select(AssignedLeader.unit_id, AssignedLeader.member_id)
        for where, member in session.execute(leaders.where(AssignedLeader.congress_id == congress_id)):
            assigned[where].add(member)
        roster_moved, electors_moved = _moved(session, congress_id, unit_id)
        return cls(
            today,
            _notice(notices.latest, today),
            _notice(latest_notice(session, congress_id, NoticeKind.ELECTORS), today),
            notices.hanging,
            _objections(session, congress_id),
            standing,
            proposed,
            assigned,
            roster_moved,
            electors_moved,
        )

    def slate_facts(self, line: SlateLine) -> SlateFacts:
        # A category may have two slates in a unit: that of its assigned leaders says so.
        uncontested = line.kind is ContestKind.UNCONTESTED
        category = f"{line.category_name}（{line.kind.zh}）" if uncontested else line.category_name
        if line.slate is None:
            return SlateFacts(category, submitted=False, drawn=False)
        changed = [
            (candidate.name, change)
            for candidate in line.candidates
            if (change := self._change(line, candidate.member_id)) is not None
        ]
        names, unequal = len(line.candidates), None
        if uncontested:
            drawn = {one.member_id for one in line.candidates} == self.assigned[line.unit_id]
            unequal = None if names == line.seats else (names, line.seats)
        else:
            drawn = names == self.proposed[line.unit_id, line.category_id]
        facts = SlateFacts(
            category,
            submitted=line.state in HANDED_IN,
            drawn=drawn,
            unequal=unequal,
            changed=tuple(changed),
        )
        # What is frozen stays as it was frozen, whatever is corrected since: it was held against all this then.
        return facts if line.state is SlateState.FROZEN else replace(facts, **self._shown(line))

    def _shown(self, line: SlateLine) -> dict[str, Any]:
        """What a slate and the notices say of the same people."""
        renamed, unknown, otherwise, waits = [], [], [], []
        for one in line.candidates:
            name = self.standing[one.member_id][0] if one.member_id in self.standing else one.name
            if name != one.name:
                renamed.append((one.name, name))
            assigned = line.kind is ContestKind.UNCONTESTED
            hung = self.hanging.get(Posted(one.person_id, line.unit_code, line.category_code, assigned))
            if hung is None:
                unknown.append(name)
                continue
            if (last := hung.waits_until(self.today)) is not None:
                waits.append(last)
            if hung.shown != as_shown(
                one.person_id, name, one.sex, one.born_on, one.ethnicity, one.education, one.branch_name, one.post
            ):
                otherwise.append(name)
        return {
            "renamed": tuple(renamed),
            "not_on_notice": tuple(unknown),
            "noticed_otherwise": tuple(otherwise),
            "hangs_until": max(waits, default=None),
        }

    def objections_of(self, unit_id: int) -> Objections:
        """Those that hold the unit up, with those about whoever may belong to any."""
        nobody = Objections()
        return self.objections.get(unit_id, nobody) + self.objections.get(EVERYWHERE, nobody)

    def _change(self, line: SlateLine, member_id: int) -> Change | None:
        if line.kind is ContestKind.UNCONTESTED and member_id not in self.assigned[line.unit_id]:
            return Change.LEFT
        facts = self.standing.get(member_id)
        if facts is None:
            return Change.LEFT
        _, unit_id, votes, category, state, stands_for = facts
        if line.kind is ContestKind.CONTESTED:
            if state is None or stands_for != line.category_id:
                return Change.LEFT
            if state is not ApplicationState.PROPOSED:
                return Change.UNDER_REVIEW
            if category != line.category_code:
                return Change.CATEGORY
            if unit_id != line.unit_id:
                return Change.MOVED
        return None if votes else Change.NO_VOTE


def _notice(notice: Notice | None, today: date) -> NoticeFacts:
    hangs = notice is not None and not is_over(notice, today)
    return NoticeFacts(notice is not None, chinese_date(notice.last_day) if notice is not None and hangs else "")


def _moved(session: Session, congress_id: int, unit_id: int | None) -> tuple[frozenset[int], frozenset[int]]:
    """The units whose roster, and whose electors, are not those that were verified and published. Of one unit it is read
    afresh, of a whole county once per revision. Asked during nomination: later each meeting settles its own roster.
    """
    congress = session.get_one(Congress, congress_id)
    if congress.phase is not Phase.NOMINATION:
        return frozenset(), frozenset()
    if unit_id is None:
        rosters, changes = rosters_at(session, congress), changes_since_notice(session, congress)
    else:
        notice = latest_notice(session, congress_id, NoticeKind.ELECTORS)
        rosters = [unit_roster(session, unit_id)]
        changes = None if notice is None else list_changes(session, notice, session.get_one(Unit, unit_id))
    names = () if changes is None else changes.units
    return (
        frozenset(one.unit_id for one in rosters if not one.verified),
        frozenset(one.unit_id for one in rosters if one.unit_name in names),
    )


def _standing(
    session: Session, congress_id: int, where: int | None
) -> tuple[dict[int, _Standing], Counter[tuple[int, int]]]:
    """Everyone who ever stood (in the unit `where`): name, unit now, vote, recorded category, state and category of the live
    application."""
    alive = aliased(Application)
    leaders = select(AssignedLeader.member_id).where(AssignedLeader.congress_id == congress_id)
    applicants = select(Application.member_id).where(Application.congress_id == congress_id)
    if where is not None:
        leaders = leaders.where(AssignedLeader.unit_id == where)
        applicants = applicants.where(Application.unit_id == where)
    # The few who stood, looked up one by one: never the whole roster.
    ever = union(leaders, applicants).subquery()
    rows = session.execute(
        select(
            Member.id,
            Person.name,
            func.coalesce(UnitBranch.unit_id, 0),
            Member.standing,
            Member.suspension,
            Member.category,
            alive.state,
            func.coalesce(alive.unit_id, 0),
            func.coalesce(alive.category_id, 0),
        )
        .join(ever, ever.c.member_id == Member.id)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(
            alive,
            (alive.member_id == Member.id) & (alive.congress_id == congress_id) & alive.state.in_(OPEN_STATES),
        )
    )
    found: dict[int, _Standing] = {}
    proposed: Counter[tuple[int, int]] = Counter()
    for member_id, name, unit_id, standing, suspension, category, state, stands_in, stands_for in rows:
        found[member_id] = (name, unit_id, has_vote(standing, suspension), category, state, stands_for)
        if state is ApplicationState.PROPOSED:
            proposed[stands_in, stands_for] += 1
    return found, proposed


def _objections(session: Session, congress_id: int) -> dict[int, Objections]:
    """unit → its objections that are open, or upheld and not carried out."""
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(
            case(
                (Objection.about_person_id.is_(None), EVERYWHERE),
                else_=func.coalesce(Application.unit_id, AssignedLeader.unit_id, UnitBranch.unit_id, 0),
            ),
            func.coalesce(Person.name, Objection.about),
            Objection.upheld,
            UNSETTLED,
            Notice.kind,
            Application.state,
            AssignedLeader.id,
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .outerjoin(Person, Person.id == Objection.about_person_id)
        .outerjoin(Member, Member.person_id == Person.id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(
            Application,
            (Application.member_id == Member.id)
            & (Application.congress_id == congress_id)
            & Application.state.in_(OPEN_STATES),
        )
        .outerjoin(
            AssignedLeader, (AssignedLeader.member_id == Member.id) & (AssignedLeader.congress_id == congress_id)
        )
        .where(
            Notice.congress_id == congress_id,
            Notice.kind.in_((NoticeKind.ELECTORS, NoticeKind.CANDIDATES)),
            Objection.closed_at.is_(None) | Objection.upheld.is_(True),
        )
        .order_by(Objection.id)
    ).all()
    found: dict[int, Objections] = defaultdict(Objections)
    for unit_id, name, upheld, is_unsettled, kind, state, leader in rows:
        stands = kind is NoticeKind.CANDIDATES and (state is not None or leader is not None)
        if upheld is None:
            found[unit_id] += Objections(open=(name,), open_candidates=(name,) if stands else ())
        elif is_unsettled:
            found[unit_id] += Objections(unsettled=(name,))
        elif stands:
            found[unit_id] += Objections(upheld=(name,))
    return dict(found)
