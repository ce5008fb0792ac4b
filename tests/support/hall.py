"""An election evening at its fullest for tests and benchmarks: 37 units count at once, eighty tellers each hold a form.

`Server` serves an installation in a process that can be killed. `Visitor` is somebody's browser without a browser: one
connection and their sign-in. `Desk` is a teller's, who sends drafts as the page of a count form sends them.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from flask import session as flask_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from election.count.form import BALLOTS, MARKS
from election.count.models import CountForm, FormEntry
from election.count.operations import claim
from election.count.queries_sheet import load_sheet
from election.count.sheet import Sheet
from election.meeting.models import CountingGroup, Office, Venue
from election.meeting.operations_ballots import record_ballots
from election.meeting.operations_officers import appoint_officer
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_group
from election.people.actor import Role
from election.people.models import Account
from election.people.operations import begin_sign_in
from election.store.database import Database
from election.store.migrations import upgrade_to_head
from tests.support.county import ROOT
from tests.support.demo import copy_sqlite
from tests.support.evening import SCRUTINEERS, Evening, nominated, planned
from tests.support.scratch import fastest
from tests.support.serving import free_port
from webapp.application import create_app
from webapp.requests import EPOCH, TOKEN
from webapp.settings import DATABASE_FILE, Settings

UNITS, TELLERS, MEMBERS = 37, 80, 12
COOKIE = "xiheng"
# One page stays open all the evening.
PAGE = {"page": "0123456789abcdef", "after": ""}
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A form that a teller holds. `fields`: every box of the page by its name, as first typed; all of them numbers."""

    desk: str
    form_id: int
    number: str
    revision: int
    fields: dict[str, str]


@dataclass(slots=True)
class Hall:
    evening: Evening
    papers: list[Paper] = field(default_factory=list)


def make_hall(database: Database, *, units: int = UNITS, tellers: int = TELLERS) -> Hall:
    """Every unit has met and voted; its counting groups have a teller each, who has claimed the group's form."""
    evening = nominated(database, units=units, electors=MEMBERS)
    county, desks = evening.county, [f"teller of group {number}" for number in range(1, tellers + 1)]
    for desk in desks:
        county.sit(desk, Role.TELLER)
    hall = Hall(evening)
    for place, unit in enumerate(county.units):
        here = desks[place::units]
        meeting_id = planned(evening, unit, tellers=()).id
        with county.acting(unit) as act:
            venue = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting_id)).one()
            for _ in here[1:]:
                add_group(act, venue.id)
            for desk in here:
                appoint_officer(act, meeting_id, county.people[desk].person_id or 0, Office.TELLER)
            open_meeting(act, meeting_id, present=MEMBERS, method_adopted=True, scrutineers_voted=True)
        with county.acting(SCRUTINEERS[0]) as act:
            rounds = [round_id for (code, _, _), round_id in evening.rounds.items() if code == unit]
            record_ballots(act, meeting_id, dict.fromkeys(rounds, (MEMBERS, MEMBERS)))
        with county.reading() as session:
            group_id = session.scalars(select(CountingGroup.id).where(CountingGroup.venue_id == venue.id)).first()
            fields = dict.fromkeys(_boxes(load_sheet(session, group_id or 0)), "")
        for group, desk in enumerate(here, 1):
            with county.acting(desk) as act:
                form = claim(act, county.congress_id, f"{place + 1:02d}-1-{group}")
                hall.papers.append(Paper(desk, form.id, form.number, form.revision, fields))
    return hall


def _boxes(sheet: Sheet) -> Iterator[str]:
    """The names of the boxes that take a number, in the order of the paper."""
    yield from ("attendance.expected", "attendance.present")
    for section in sheet.sections:
        at = f"sections.{section.key}"
        yield from (f"{at}.{name}" for name in BALLOTS)
        yield from (f"{at}.candidates.{one.id}.{mark}" for one in section.candidates for mark in MARKS)


@contextmanager
def installed_hall(folder: Path, *, units: int = UNITS, tellers: int = TELLERS) -> Iterator[Hall]:
    """A hall as an installation in `folder`, which `serving` serves. While it is made it need not survive a power cut."""
    path = folder / DATABASE_FILE
    with TemporaryDirectory(dir=fastest()) as aside:
        making = Database(f"sqlite:///{Path(aside) / DATABASE_FILE}")
        upgrade_to_head(making)
        hall = make_hall(making, units=units, tellers=tellers)
        making.close()
        copy_sqlite(Path(aside) / DATABASE_FILE, path)
    database = hall.evening.county.database = Database(f"sqlite:///{path}")
    yield hall
    database.close()


def kept_figures(database: Database) -> dict[int, dict[str, Any]]:
    """form → what the database holds of its first entry."""
    with database.reading() as session:
        rows = session.execute(
            select(CountForm.id, FormEntry.contents).join(FormEntry, FormEntry.form_id == CountForm.id)
        )
        return dict(rows.all())


@dataclass(slots=True)
class Visitor:
    """One connection to the server at `address`, which may go away and come back."""

    address: str
    cookie: str
    token: str
    _connection: http.client.HTTPConnection | None = field(default=None, init=False)

    def get(self, path: str) -> int:
        """The status of a page, read to its end."""
        return self._ask("GET", path, None, {})

    def _ask(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> int:
        if self._connection is None:
            place = urlsplit(self.address)
            self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
        own = {"Accept": "application/json", "Cookie": f"{COOKIE}={self.cookie}", "X-CSRFToken": self.token}
        try:
            self._connection.request(method, path, content, own | dict(headers))
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.leave()
            raise
        return answer.status

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(slots=True)
class Desk(Visitor):
    """A teller with the form that they hold."""

    paper: Paper = field(kw_only=True)

    def save(self, fields: Mapping[str, str], *, at: str = "") -> int:
        """The status of one draft save, or of the same sent to what lies below `at`.

        Raises OSError or HTTPException where no whole answer came.
        """
        content = json.dumps({"values": fields, "revision": str(self.paper.revision)} | PAGE).encode()
        return self._ask("POST", f"{at}/drafts/{self.paper.form_id}", content, {"Content-Type": "application/json"})


def desks(hall: Hall, settings: Settings, address: str) -> list[Desk]:
    """Every teller of the hall at their desk, signed in by the keys of the installation."""
    signed_in = _signed_in(hall, settings, [paper.desk for paper in hall.papers])
    return [
        Desk(address, cookie, token, paper=paper) for paper, (cookie, token) in zip(hall.papers, signed_in, strict=True)
    ]


def visitors(hall: Hall, settings: Settings, address: str, who: Sequence[str]) -> list[Visitor]:
    """Others who sit in the hall, signed in likewise."""
    return [Visitor(address, cookie, token) for cookie, token in _signed_in(hall, settings, who)]


def _signed_in(hall: Hall, settings: Settings, who: Sequence[str]) -> list[tuple[str, str]]:
    """The cookie and the form token of each."""
    county = hall.evening.county
    app = create_app(settings, database=county.database)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with app.test_request_context():
        token = generate_csrf()
        session = dict(flask_session)
    made = []
    with county.acting(ROOT) as act:
        for one in who:
            account = Account(
                person_id=county.people[one].person_id or 0,
                login=one,
                password_hash="-",
                must_change_password=False,
                created_at=act.now,
            )
            act.session.add(account)
            act.session.flush()
            signed_in = {TOKEN: begin_sign_in(act, account), EPOCH: 0, "_permanent": True}
            made.append((signer.dumps(session | signed_in), token))
    return made


@dataclass(slots=True)
class Server:
    """The program of `hall_server.py` on `port`; `child` is the process that serves."""

    program: subprocess.Popen[bytes]
    port: int
    child: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> None:
        """Comes back when the server answers."""
        assert self.program.stdout is not None
        self.child = int(self.program.stdout.readline())
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > until:
                raise RuntimeError("the server does not answer")
            time.sleep(0.02)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """As when the power goes: nothing gets to finish what it was doing. `ready()` waits for the next one."""
        os.kill(self.child, signal.SIGKILL)


@contextmanager
def serving(folder: Path, *, pages: bool = False) -> Iterator[Server]:
    """A server of the installation in `folder`, gone afterwards. `pages`: ready to show them as quickly as `serve` is."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "tests.support.hall_server", "--data", str(folder), "--port", str(port)]
    command += ["--pages"] * pages
    environment = {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
    # A session of its own, so that the program and its child can be ended together.
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    ) as program:
        server = Server(program, port)
        try:
            server.ready()
            yield server
        finally:
            os.killpg(program.pid, signal.SIGKILL)
