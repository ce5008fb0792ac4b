"""Speed of the roster import, against a library that merely reads the same file, side by side in one process.

The baseline is openpyxl in its usual way: `load_workbook` and the value of every cell of every sheet, nothing checked, nothing
stored. Ours is all that an office waits for: the check that it is shown, and the import into an empty embedded database, which
reads and checks the file once more.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import openpyxl
from sqlalchemy import func, select

from election.congress.operations import create_congress, set_categories
from election.demo import county as demo
from election.people.actor import Role
from election.roster.importing.operations import preview_roster
from election.roster.importing.operations_upload import import_staged, stage_roster
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import Member
from election.store.database import Database
from election.store.migrations import upgrade_to_head
from tests.support.county import KEYS, ROOT, County

TIMES = 3


def bench_roster_import_over_openpyxl_read() -> float:
    """Check and import of 11,330 members over openpyxl reading the file; median of three pairs. Memory goes to stderr."""
    data, members = _workbook()
    pairs = [(_import(data, members), _read(data)) for _ in range(TIMES)]
    ours, theirs = (median(seconds) for seconds in zip(*pairs, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{members} members: {ours:.2f} s against {theirs:.2f} s, peak memory {peak:.0f} MB", file=sys.stderr)
    return median(mine / read for mine, read in pairs)


def _workbook() -> tuple[bytes, int]:
    drawn = demo.roster(Random(demo.SEED))
    names = {category.code: category.name for category in demo.CATEGORIES}
    return roster_workbook(drawn.units, drawn.organisations, drawn.members, names), len(drawn.members)


def _import(data: bytes, members: int) -> float:
    """Seconds from the file to the committed roster."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'roster.db'}")
        upgrade_to_head(database)
        county = County(database)
        with county.acting(ROOT) as act:
            county.congress_id = create_congress(
                act, code="bench", name="某县", county="某县", total_seats=204, reference_date=demo.REFERENCE
            ).id
        county.sit("office", Role.OFFICE)
        with county.acting("office") as act:
            set_categories(act, county.congress_id, demo.CATEGORIES)
        started = time.perf_counter()
        with county.acting("office") as act:
            preview = preview_roster(act, county.congress_id, data, KEYS)
            upload = stage_roster(act, county.congress_id, "花名册.xlsx", data, preview, KEYS).id
        with county.acting("office") as act:
            import_staged(act, county.congress_id, upload, KEYS)
        seconds = time.perf_counter() - started
        with county.reading() as session:
            assert session.scalar(select(func.count()).select_from(Member)) == members
        database.close()
    return seconds


def _read(data: bytes) -> float:
    started = time.perf_counter()
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = sum(len(row) for page in book.worksheets for row in page.iter_rows(values_only=True))
    assert cells > len(book.sheetnames)
    return time.perf_counter() - started
