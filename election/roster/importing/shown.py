"""What is kept of a check for its person to look at, as plain JSON: counts, the first changes, the first faults. Pure.

Never an identity number: faults, changes and names come here masked.
"""

from __future__ import annotations

from typing import Any

from election.roster.importing.headers import MEMBERS, ORGANISATIONS, UNITS
from election.roster.importing.preview import RosterPreview
from election.roster.importing.rows import WAITS

# So many lines of each list are kept and shown; all of them are in the workbooks to download.
MOST_SHOWN = 200


def shown(preview: RosterPreview) -> dict[str, Any]:
    """`sheets`: [sheet, sound rows, new, changed, left out] each; faults, changes and new rows as lists in the order of the
    page. `digest`: what the import is to do, as it was shown.
    """
    # Where not all can be shown, those that have to be mended themselves; in any case in the order of the workbook.
    own_first = sorted(range(len(preview.faults)), key=lambda place: preview.faults[place].refusal.code == WAITS)
    listed = [preview.faults[place] for place in sorted(own_first[:MOST_SHOWN])]
    left_out = preview.rows_bad
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
        "fault_count": preview.fault_count,
        "faults": [
            [fault.sheet, fault.row, fault.column, fault.header, fault.words.zh, fault.words.en] for fault in listed
        ],
        "faults_listed": len(preview.faults) + sum(preview.faults_unsaid.values()),
        "changes": [
            [change.sheet, change.row, change.who, change.header, change.before, change.after]
            for change in preview.changes[:MOST_SHOWN]
        ],
        "changes_listed": len(preview.changes),
        "undone": [
            [one.row, one.who, one.header, one.before, one.after, one.undoes.name, one.undoes.at.isoformat()]
            for one in preview.undone[:MOST_SHOWN]
            if one.undoes is not None
        ],
        "undone_listed": len(preview.undone),
        "renamed": [[one.row, one.header, one.before, one.after] for one in preview.renamed[:MOST_SHOWN]],
        "renamed_listed": len(preview.renamed),
        "renamed_rows": len({one.row for one in preview.renamed}),
        "added": [[row.sheet, row.row, row.who, row.place] for row in preview.added[:MOST_SHOWN]],
        "added_listed": len(preview.added),
        "notes": [[note.words.zh, note.words.en] for note in preview.notes],
        "digest": preview.digest,
    }
