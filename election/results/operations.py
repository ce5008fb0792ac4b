"""The room's verbs: results are proposed by one person and published by another; the presenter switches the board."""

from __future__ import annotations

from election.congress.models import BoardMode, Congress
from election.congress.queries import congress_by_id
from election.errors import NotFound, Stale
from election.machine import Words
from election.people.act import Act
from election.people.permissions import Permission
from election.results.announcement import announcement
from election.results.board import Standing
from election.results.lifecycle import ResultsAction, ResultsState, transition
from election.results.models import Publication
from election.results.queries import open_proposal, publications, results_state, standing
from election.store.audit import digest


def unfinished(state: Standing) -> list[Words]:
    """The contests that are neither decided nor have a recorded follow-up: what stops a publication."""
    names = {category.code: category.name for category in state.categories}
    return [
        Words(
            f"{line.unit_name}·{names[line.category]}：{line.unsettled.zh}",
            f"{line.unit_name}, {names[line.category]}: {line.unsettled.en}",
        )
        for line in state.contests
        if line.unsettled is not None
    ]


def propose_publication(act: Act, congress_id: int, *, reason: str = "") -> Publication:
    """Puts the results as they stand before a second person. After a publication this is a correction, with a reason."""
    act.require(Permission.RESULTS_PROPOSE, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    state = results_state(act.session, congress_id)
    now = standing(act.session, congress)
    action = ResultsAction.CORRECT if state is ResultsState.PUBLISHED else ResultsAction.PROPOSE
    blockers = unfinished(now)
    if not now.contests:
        blockers = [Words("还没有任何选举", "there is no contest yet")]
    transition(state, action, act.person_id, reason=reason, blockers=blockers)
    rows = publications(act.session, congress_id)
    content = announcement(now)
    row = Publication(
        congress_id=congress_id,
        version=rows[0].version + 1 if rows else 1,
        content=content,
        hash=digest(content),
        reason=reason.strip() or ("" if not rows else "重新提请"),
        proposed_by_id=act.person_id,
        proposed_at=act.now,
    )
    act.session.add(row)
    act.record("results.proposed", row, congress_id=congress_id, version=row.version, hash=row.hash)
    return row


def withdraw_proposal(act: Act, congress_id: int) -> None:
    act.require(Permission.RESULTS_PROPOSE, congress_id=congress_id)
    congress_by_id(act.session, congress_id, for_update=True)
    transition(results_state(act.session, congress_id), ResultsAction.WITHDRAW, act.person_id)
    row = _proposal(act, congress_id)
    row.withdrawn_at = act.now
    act.record("results.withdrawn", row, congress_id=congress_id, version=row.version)


def publish_results(act: Act, congress_id: int, *, hash: str) -> Publication:
    """The second person publishes exactly what was proposed: `hash` is that of the content they were shown."""
    act.require(Permission.RESULTS_PUBLISH, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    row = _proposal(act, congress_id)
    now = standing(act.session, congress)
    transition(
        results_state(act.session, congress_id),
        ResultsAction.PUBLISH,
        act.person_id,
        proposer=row.proposed_by_id,
        blockers=unfinished(now),
    )
    if row.hash != hash or digest(announcement(now)) != row.hash:
        raise Stale("results.changed_since")
    row.published_by_id, row.published_at = act.person_id, act.now
    congress.board_mode = BoardMode.RESULTS
    act.record("results.published", row, congress_id=congress_id, version=row.version, hash=row.hash)
    return row


def _proposal(act: Act, congress_id: int) -> Publication:
    row = open_proposal(publications(act.session, congress_id))
    if row is None:
        raise NotFound("results.no_proposal")
    return row


def switch_board(act: Act, congress_id: int, mode: BoardMode) -> None:
    """How far the public display goes: curtain, progress only, results."""
    act.require(Permission.BOARD_SWITCH, congress_id=congress_id)
    congress: Congress = congress_by_id(act.session, congress_id, for_update=True)
    before, congress.board_mode = congress.board_mode, mode
    act.record("board.switched", congress, congress_id=congress_id, before=before.value, after=mode.value)
