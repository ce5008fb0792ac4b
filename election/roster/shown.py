"""What is kept of a check for its person to look at, as plain JSON: counts, the first changes, the first faults. Pure.

Never an identity number: whatever looks like one is masked, wherever somebody may have typed it.
"""

from __future__ import annotations

import re
from typing import Any

from election.people.identity import mask
from election.roster.headers import MEMBERS, ORGANISATIONS, UNITS
from election.roster.plan import WAITS, RosterPreview

# So many lines of each list are kept and shown; all of them are in the workbooks to download.
MOST_SHOWN = 200
NUMBER = re.compile(r"(?<![0-9])[0-9]{15,17}[0-9Xx]?(?![0-9])")


def shown(preview: RosterPreview) -> dict[str, Any]:
    """`sheets`: [sheet, sound rows, new, changed, left out] each; faults and changes as lists in the order of the page."""
    left_out = {
        sheet: len({fault.row for fault in preview.faults if fault.sheet == sheet})
        for sheet in (UNITS, ORGANISATIONS, MEMBERS)
    }
    return {
        "sheets": [
            [UNITS, preview.units, preview.units_added, preview.units_changed, left_out[UNITS]],
            [
                ORGANISATIONS,
                preview.organisations,
                preview.organisations_added,
                preview.organisations_changed,
                left_out[ORGANISATIONS],
            ],
            [MEMBERS, preview.members, preview.members_added, preview.members_changed, left_out[MEMBERS]],
        ],
        "rows": preview.rows,
        "voters": preview.voters,
        "left_out": preview.rows_left_out,
        "waiting": preview.rows_waiting,
        "broken": preview.broken,
        "fault_count": sum(fault.refusal.code != WAITS for fault in preview.faults),
        "faults": [
            [fault.sheet, fault.row, fault.column, fault.header, _masked(fault.words.zh), _masked(fault.words.en)]
            for fault in sorted(preview.faults, key=lambda fault: fault.refusal.code == WAITS)[:MOST_SHOWN]
        ],
        "faults_listed": len(preview.faults),
        "changes": [
            [change.sheet, change.row, *map(_masked, (change.who, change.header, change.before, change.after))]
            for change in preview.changes[:MOST_SHOWN]
        ],
        "changes_listed": len(preview.changes),
    }


def _masked(text: str) -> str:
    return NUMBER.sub(lambda match: mask(match[0]), text)
