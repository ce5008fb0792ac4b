"""Which role may do what. One table, asked by every operation and named by every page; decides by role only.

That two steps need two persons is no permission: the state machines compare persons themselves.
"""

from __future__ import annotations

from enum import StrEnum

from election.people.actor import Role


class Permission(StrEnum):
    ACCOUNTS_MANAGE = "accounts.manage"
    CONGRESS_CREATE = "congress.create"
    AUDIT_READ = "audit.read"
    CONGRESS_VIEW = "congress.view"
    CONGRESS_EDIT = "congress.edit"
    PHASE_MOVE = "phase.move"
    ROSTER_EDIT = "roster.edit"
    ROSTER_VERIFY = "roster.verify"
    SCHEME_VIEW = "scheme.view"
    SCHEME_EDIT = "scheme.edit"
    SCHEME_APPROVE = "scheme.approve"
    LETTER_SIGN = "letter.sign"
    APPLICATION_RECORD = "application.record"
    NOMINEES_PROPOSE = "nominees.propose"
    BRANCH_BALLOT_CORRECT = "branch_ballot.correct"
    APPLICATION_REVIEW = "application.review"
    NOMINATION_REOPEN = "nomination.reopen"
    MARGIN_EXEMPT = "margin.exempt"
    CALENDAR_EDIT = "calendar.edit"
    NOTICE_VIEW = "notice.view"
    NOTICE_PUBLISH = "notice.publish"
    OBJECTION_RECORD = "objection.record"
    OBJECTION_CLOSE = "objection.close"
    SLATE_VIEW = "slate.view"
    SLATE_SUBMIT = "slate.submit"
    SLATE_FREEZE = "slate.freeze"
    SLATE_REPRINT = "slate.reprint"
    SPEECHES_DRAW = "speeches.draw"
    MEETING_RUN = "meeting.run"
    MEETING_VIEW = "meeting.view"
    SCRUTINEER_REPLACE = "scrutineer.replace"
    BALLOTS_RECORD = "ballots.record"
    ROUND_VOID = "round.void"
    FOLLOW_UP_AGREE = "follow_up.agree"
    COUNT_ENTER = "count.enter"
    COUNT_CONFIRM = "count.confirm"
    RESULTS_VIEW = "results.view"
    RESULTS_PROPOSE = "results.propose"
    RESULTS_PUBLISH = "results.publish"
    BOARD_SWITCH = "board.switch"


_IN_CONGRESS = frozenset(Role) - {Role.ADMIN}

ALLOWED: dict[Permission, frozenset[Role]] = {
    Permission.ACCOUNTS_MANAGE: frozenset({Role.ADMIN}),
    Permission.CONGRESS_CREATE: frozenset({Role.ADMIN}),
    Permission.AUDIT_READ: frozenset({Role.ADMIN, Role.OFFICE, Role.APPROVER, Role.OBSERVER}),
    Permission.CONGRESS_VIEW: _IN_CONGRESS,
    Permission.CONGRESS_EDIT: frozenset({Role.OFFICE}),
    Permission.PHASE_MOVE: frozenset({Role.OFFICE}),
    Permission.ROSTER_EDIT: frozenset({Role.OFFICE}),
    Permission.ROSTER_VERIFY: frozenset({Role.UNIT_CLERK}),
    # Observers and reviewers: the approved versions and those before them, never a draft.
    Permission.SCHEME_VIEW: frozenset({Role.OFFICE, Role.APPROVER, Role.CREDENTIALS_REVIEWER, Role.OBSERVER}),
    Permission.SCHEME_EDIT: frozenset({Role.OFFICE}),
    Permission.SCHEME_APPROVE: frozenset({Role.APPROVER}),
    Permission.LETTER_SIGN: frozenset({Role.UNIT_CLERK}),
    # A unit's clerk keeps the records of its branches that have no clerk of their own.
    Permission.APPLICATION_RECORD: frozenset({Role.BRANCH_CLERK, Role.UNIT_CLERK}),
    Permission.NOMINEES_PROPOSE: frozenset({Role.UNIT_CLERK}),
    Permission.BRANCH_BALLOT_CORRECT: frozenset({Role.OFFICE, Role.UNIT_CLERK}),
    Permission.NOMINATION_REOPEN: frozenset({Role.OFFICE}),
    Permission.MARGIN_EXEMPT: frozenset({Role.APPROVER}),
    Permission.CALENDAR_EDIT: frozenset({Role.OFFICE}),
    Permission.APPLICATION_REVIEW: frozenset({Role.OFFICE}),
    # As they hang; objections, which name who raised them, are for those who handle them.
    Permission.NOTICE_VIEW: frozenset({Role.OFFICE, Role.OBSERVER}),
    Permission.NOTICE_PUBLISH: frozenset({Role.OFFICE}),
    Permission.OBJECTION_RECORD: frozenset({Role.OFFICE, Role.UNIT_CLERK}),
    Permission.OBJECTION_CLOSE: frozenset({Role.OFFICE}),
    Permission.SLATE_VIEW: frozenset({Role.OFFICE, Role.APPROVER, Role.OBSERVER}),
    Permission.SLATE_SUBMIT: frozenset({Role.UNIT_CLERK}),
    Permission.SLATE_FREEZE: frozenset({Role.OFFICE}),
    Permission.SLATE_REPRINT: frozenset({Role.OFFICE, Role.UNIT_CLERK}),
    Permission.SPEECHES_DRAW: frozenset({Role.UNIT_CLERK}),
    Permission.MEETING_RUN: frozenset({Role.UNIT_CLERK}),
    Permission.MEETING_VIEW: frozenset({Role.OFFICE, Role.UNIT_CLERK, Role.SCRUTINEER, Role.OBSERVER}),
    # After a meeting is closed, when it can vote on nobody any more.
    Permission.SCRUTINEER_REPLACE: frozenset({Role.OFFICE}),
    Permission.BALLOTS_RECORD: frozenset({Role.SCRUTINEER}),
    Permission.ROUND_VOID: frozenset({Role.SCRUTINEER}),
    Permission.FOLLOW_UP_AGREE: frozenset({Role.SCRUTINEER}),
    Permission.COUNT_ENTER: frozenset({Role.TELLER}),
    Permission.COUNT_CONFIRM: frozenset({Role.SCRUTINEER}),
    Permission.RESULTS_VIEW: frozenset({Role.OFFICE, Role.APPROVER, Role.CREDENTIALS_REVIEWER, Role.OBSERVER}),
    Permission.RESULTS_PROPOSE: frozenset({Role.OFFICE}),
    Permission.RESULTS_PUBLISH: frozenset({Role.OFFICE, Role.APPROVER}),
    Permission.BOARD_SWITCH: frozenset({Role.OFFICE}),
}
