"""In which phases of the congress the room's verbs act. Part of other acts, which ask for the permission themselves."""

from __future__ import annotations

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import NotFound, Refused
from election.people.act import Act

# Somebody who is needed in a cell that was opened again may still come while others already vote.
NOMINATION_PHASES = (Phase.NOMINATION, Phase.ELECTION)
# Leaders are assigned before the seats are divided, and as long as any slate is still made.
LEADER_PHASES = (Phase.PREPARATION, Phase.REGISTRATION, *NOMINATION_PHASES)


def require_nomination(act: Act, congress_id: int) -> None:
    """Raises Refused before people may be nominated and once the results are out."""
    _require(act, congress_id, NOMINATION_PHASES, "application.not_in_phase")


def require_slates(act: Act, congress_id: int) -> None:
    """As `require_nomination`, of the slates: what was voted on stays as it was once the results are out."""
    _require(act, congress_id, NOMINATION_PHASES, "slate.not_in_phase")


def require_assigning(act: Act, congress_id: int) -> None:
    """Raises Refused once the results are out."""
    _require(act, congress_id, LEADER_PHASES, "quotas.leaders_not_in_phase")


def _require(act: Act, congress_id: int, phases: tuple[Phase, ...], code: str) -> None:
    congress = act.session.get(Congress, congress_id)
    if congress is None:
        raise NotFound("congress.none")
    if congress.phase not in phases:
        raise Refused(code, phase=congress.phase)
