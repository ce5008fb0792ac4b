"""The mutants that no test can fell, since they decide like the module itself; each with the reason. Whoever finds one more
asks first which test is missing.
"""

from __future__ import annotations

# Module → the mutant, as it is said → why it is no other.
SURVIVORS: dict[str, dict[str, str]] = {
    "election.contests.decide": {
        "_choice: isinstance(value, str) and value in [kind.value for kind in kinds] → value in [kind.value for kind in kinds]": (
            "nothing but a text equals a text"
        ),
    },
    "election.contests.outcome": {
        "Quorum.parse: not 0 <= num <= den or den == 0 → not -1 <= num <= den or den == 0": "digits have no sign",
    },
    "election.contests.follow_up": {
        "still_follows: was is None or now is None → was is None and now is None": "what was alike so far: both or none",
        "still_follows: was is None or now is None → now is None": "what was alike so far: both or none",
        "still_follows: was is None or now is None → was is None": "what was alike so far: both or none",
        "still_follows: if was is not now: → if False:": "what was alike so far: both are None or none is",
        "still_follows: return False → return True (3)": "what was alike so far: both are None or none is",
        "_unsuccessful: one.kind not in AMONG_THE_TIED or name.member not in last → one.kind not in AMONG_THE_TIED": (
            "who is tied stood in the ballot that tied"
        ),
        "_best: len(unsuccessful) <= needed → len(unsuccessful) < needed": "as many as are needed are all of them either way",
    },
    "election.count.entry": {
        "_require_own: entry is None or entry.person != actor → entry.person != actor": (
            "no form can be made whose entry is being typed and is not there"
        ),
        "_claim: form.first is not None and form.first.has_errors → form.first.has_errors": (
            "no form can be made whose first entry is finalised and is not there"
        ),
        "_claim: typing is not None and typing.person == actor → typing.person == actor": (
            "no form can be made whose entry is being typed and is not there"
        ),
        "_withdraw: {asked.asked_by, actor} <= _persons(form) → {asked.asked_by, actor} >= _persons(form)": (
            "two who are not the same, and two tellers: one set holds the other only where they are equal"
        ),
    },
    "election.count.checks": {
        "_SectionCheck.within_record: self.context.issued is None → self.context.returned is None": (
            "a form that counts a part has neither record to be held against, any other has both"
        ),
    },
    "election.count.summing": {
        "identify: known[0] if known and len(bearers) == 1 and (name not in candidates) else None → "
        "known[-1] if known and len(bearers) == 1 and (name not in candidates) else None": (
            "of one who bears the name at most one may be elected"
        ),
    },
    "election.meeting.counted": {
        "withheld: sorted(((number, venue_id) for venue_id, number in present.items() if venue_id not in hidden and number)) → "
        "sorted(((number, venue_id) for venue_id, number in present.items() if number))": (
            "those that are withheld already are the smallest, and withheld once more they change nothing"
        ),
        "withheld: rest and (len(hidden) < 2 or _sum(present, hidden) < least) → rest and _sum(present, hidden) < least": (
            "a single one is withheld because it is of fewer than the least"
        ),
        "withheld: rest and (len(hidden) < 2 or _sum(present, hidden) < least) → "
        "rest and (len(hidden) < 1 or _sum(present, hidden) < least)": (
            "a single one is withheld because it is of fewer than the least"
        ),
        "together: return None if not known or None in known else sum((one or 0 for one in known)) → "
        "return None if not known or None in known else sum((one for one in known))": "none of them is None by then",
    },
    "election.nomination.slates.margins": {
        "cell_margin: cell.exempt_by and cell.have < candidates_needed(contested, margin) → "
        "cell.have < candidates_needed(contested, margin)": "a cell without an exemption would be short already",
        "CellForecast.missing: return 0 if self.outlook is Outlook.NO_SEAT else max(0, -self.spare) → return max(0, -self.spare)": (
            "without a seat nobody is needed, and nobody can be missing"
        ),
    },
}
