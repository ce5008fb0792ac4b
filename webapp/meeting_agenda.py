"""The evening's agenda in words: each step in its order, whether it is done, what blocks it and where that is mended.

Reads what the page has read and decides nothing: what may be done is decided by the operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from election.errors import Refused
from election.meeting.lifecycle import MeetingState, Opening, opening_obstacles
from election.meeting.models import Office
from election.meeting.models_evening import FollowUpKind
from election.meeting.queries_evening import FollowUpView
from election.meeting.queries_page import MeetingPage
from election.meeting.queries_rounds import RoundView
from webapp.context import opens
from webapp.errors import say

Address = Callable[..., str]
ENTERED_TWICE = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the agenda; `note`: what is missing, or who does it."""

    label: str
    done: bool
    href: str
    note: str = ""


def agenda(
    page: MeetingPage,
    due: int,
    follow_ups: Sequence[FollowUpView],
    to: Address,
    ballots_desk: str,
) -> list[dict[str, str]]:
    """The steps as the list of the page shows them, the first that is not done marked as the current one. `due`: how many
    contests wait for what follows to be proposed; `ballots_desk`: the address at which this person records the ballots, or
    sees them.
    """
    strikes = [one for one in follow_ups if one.row.kind is FollowUpKind.STRIKE]
    others = [one for one in follow_ups if one.row.kind is not FollowUpKind.STRIKE]
    steps = [*_before(page, to), *_struck(strikes), *_votes(page, ballots_desk), *_after(page, due, others)]
    first = next((place for place, step in enumerate(steps) if not step.done), len(steps))
    return [
        {
            "label": step.label,
            "state": "done" if step.done else "current" if place == first else "todo",
            "href": step.href,
            "note": "" if step.done else step.note,
        }
        for place, step in enumerate(steps)
    ]


def _before(page: MeetingPage, to: Address) -> list[Step]:
    begun = page.meeting.state is not MeetingState.PLANNED
    unfrozen = sum(not row.slate_frozen for row in page.rounds)
    slates = Step(
        _("确定候选人名单"),
        begun or (bool(page.rounds) and not unfrozen),
        to("unit_nomination.unit") if opens("unit_nomination.unit", page.meeting.unit_id) else "#contests",
        _("还有 %(n)s 份名单没有确定", n=unfrozen) if unfrozen else "",
    )
    missing = []
    if not page.scrutineers:
        missing.append(_("还没有监票人"))
    if len(page.tellers) < ENTERED_TWICE:
        missing.append(_("计票人至少 2 人，两次录入须不同的人"))
    if not missing and not begun:
        missing = who_cannot_enter(page)
    officers = Step(_("提名监票人、计票人"), not missing, "#officers", "；".join(missing))
    meter = page.meter
    came = Step(
        _("签到"),
        begun or meter.holds,
        "#attendance",
        _("实到 %(n)s 人，还差 %(m)s 人达到法定人数", n=page.present or 0, m=meter.missing),
    )
    opening = Step(_("通过选举办法、监票人，宣布开会"), begun, "#opening")
    excused = []
    if page.exclusions:
        n = len(page.exclusions)
        excused = [Step(_("报告不计算在应到会人数的党员，征得同意"), begun, "#exclusions", _("%(n)s 人", n=n))]
    return [slates, officers, came, *excused, opening]


def _struck(strikes: Sequence[FollowUpView]) -> list[Step]:
    """A candidate to be struck: before the ballots go out, whatever follows after them."""
    waiting = sum(one.waits for one in strikes)
    return [Step(_("候选人变动"), False, "#following", _("%(n)s 项等监票人同意", n=waiting))] if waiting else []


def who_cannot_enter(page: MeetingPage) -> list[str]:
    """What nobody in the hall could do, for want of an account: it keeps no meeting from opening, but the evening stands still."""
    found = []
    if page.scrutineers and not page.ready(Office.SCRUTINEER):
        found.append(_("没有一名监票人能登录，选票登记和核对确认都办不了"))
    if page.tellers and (able := page.ready(Office.TELLER)) < ENTERED_TWICE:
        found.append(_("能登录的计票人 %(n)s 人，两次录入须由 2 人分别完成", n=able))
    return found


def only_one_scrutineer(page: MeetingPage) -> str:
    """Said while a second one can still be voted: a correction, and what was agreed taken back, need two persons."""
    if page.meeting.state is MeetingState.CLOSED or page.ready(Office.SCRUTINEER) != 1:
        return ""
    return str(_("能登录的监票人只有 1 人：发现计票有误要更正、已同意的后续安排要撤销时，须有两名监票人办理"))


def opening_blockers(page: MeetingPage) -> list[str]:
    """What stands in the way of the opening whatever the chair declares, in words."""
    stands = Opening(
        expected=page.expected,
        present=page.present or 0,
        quorum=page.quorum,
        exclusions_consented=True,
        method_adopted=True,
        scrutineers_voted=True,
        slates_frozen=bool(page.rounds) and all(row.slate_frozen for row in page.rounds),
    )
    found = list(opening_obstacles(stands)) if page.present is not None else []
    if not page.rounds:
        found.insert(0, Refused("meeting.no_contest"))
    if not page.scrutineers:
        found.append(Refused("meeting.no_scrutineer"))
    said = [say(refused) for refused in found]
    if len(page.venues) > 1 and (empty := [venue.name for venue in page.venues if venue.present is None]):
        said.append(_("还没有登记实到人数的会场：%(names)s。", names="、".join(empty)))
    return said


def _votes(page: MeetingPage, ballots_desk: str) -> list[Step]:
    """Of each vote of the evening: ballots out, ballots in, counted."""
    if page.meeting.state is MeetingState.PLANNED:
        votes: list[int] = [1]
    else:
        votes = sorted({row.ballot for row in page.rounds}) or [1]
    steps: list[Step] = []
    # Who is to be told, where one cannot do it oneself.
    names = "、".join(one.name for one in page.scrutineers)
    who = _("请监票人%(names)s在监票页登记", names=names) if names else _("监票人在监票页登记")
    for vote in votes:
        rows = [row for row in page.rounds if row.ballot == vote and not row.void]
        held = page.meeting.state is not MeetingState.PLANNED
        which = _("第 %(n)s 次投票：", n=vote) if len(votes) > 1 else ""
        steps += _vote(which, rows, held, ballots_desk, who)
    return steps


def _vote(which: str, rows: Sequence[RoundView], held: bool, ballots_desk: str, who: str) -> list[Step]:
    over = [row for row in rows if row.must_be_void]
    uncounted = sum(not row.settled for row in rows)
    return [
        Step(
            which + _("发出选票"),
            held and all(row.issued is not None for row in rows),
            ballots_desk,
            who,
        ),
        Step(
            which + _("收回选票"),
            held and all(row.returned is not None for row in rows) and not over,
            ballots_desk,
            _("收回多于发出的 %(n)s 项等监票人宣布无效", n=len(over)) if over else who,
        ),
        Step(
            which + _("计票、核对确认"),
            held and not uncounted,
            "#contests",
            _("还有 %(n)s 项没有结果", n=uncounted) if held else "",
        ),
    ]


def _after(page: MeetingPage, due: int, follow_ups: Sequence[FollowUpView]) -> list[Step]:
    state = page.meeting.state
    waiting = sum(one.waits for one in follow_ups)
    steps = []
    if due or waiting or follow_ups:
        notes = []
        if due:
            notes.append(_("%(n)s 项要安排", n=due))
        if waiting:
            notes.append(_("%(n)s 项等监票人同意", n=waiting))
        voting = any(not row.settled for row in page.rounds)
        steps.append(Step(_("后续选举"), not due and not waiting and not voting, "#following", "，".join(notes)))
    closed = state is MeetingState.CLOSED
    steps.append(Step(_("散会"), closed, "#closing" if page.in_session else "#contests"))
    return steps
