"""What the review of an applicant (候选人资格审查) needs before it may say yes: every criterion met, every body heard.

Pure: judges what was found and what others said. Never decides an applicant's worth and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from election.errors import Refused
from election.nomination.models_review import Verdict


@dataclass(frozen=True, slots=True)
class CriterionFinding:
    """Whether an applicant meets a criterion; `note` says why not."""

    met: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an applicant's review still lacks: bodies that have not spoken, bodies that object."""

    silent: tuple[str, ...]
    objecting: tuple[str, ...]

    @property
    def plain(self) -> bool:
        """Everybody has spoken and nobody objects: it may pass together with others."""
        return not self.silent and not self.objecting


def readiness(bodies: Sequence[str], verdicts: Mapping[str, Verdict]) -> Readiness:
    """`bodies` that the rules ask, against what each has said. A body that the rules do not name does not count."""
    return Readiness(
        silent=tuple(body for body in bodies if body not in verdicts),
        objecting=tuple(body for body in bodies if verdicts.get(body) is Verdict.OBJECTION),
    )


def faults(
    approved: bool,
    reason: str,
    criteria: Sequence[str],
    findings: Mapping[str, CriterionFinding],
    heard: Readiness,
) -> list[Refused]:
    """Why the review cannot be recorded like this, each at its field (`criteria[2].note`); nothing when it can.

    Yes needs every criterion met, every body's opinion, and the office's own reason against a body's objection.
    No needs only its reason (asked by the life of the application), and a note at what is not met.
    """
    found = [
        Refused("review.note_missing", field=f"criteria[{place}].note", criterion=criterion)
        for place, criterion in enumerate(criteria)
        if criterion in findings and not findings[criterion].met and not findings[criterion].note.strip()
    ]
    if set(findings) - set(criteria):
        found.append(Refused("review.other_criteria"))
    if not approved:
        return found
    for place, criterion in enumerate(criteria):
        if criterion not in findings:
            found.append(Refused("review.criterion_open", field=f"criteria[{place}]", criterion=criterion))
        elif not findings[criterion].met:
            found.append(Refused("review.criterion_unmet", field=f"criteria[{place}]", criterion=criterion))
    found += [Refused("review.body_silent", field="finding", body=body) for body in heard.silent]
    if heard.objecting and not reason.strip():
        found.append(Refused("review.objection_unanswered", field="reason", body="、".join(heard.objecting)))
    return found
