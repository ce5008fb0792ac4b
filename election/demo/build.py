"""The demo's stages, each reached from the one before by the rooms' own operations in the names of its persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from election.congress.lifecycle import Phase
from election.congress.models import BoardMode
from election.congress.operations import create_congress, record_reply, set_categories, set_overlays
from election.congress.operations_previous import set_previous_seats
from election.congress.rules_in_force import set_rule
from election.demo import cast as people
from election.demo import county, evening, nomination
from election.demo.absences import away
from election.demo.cast import Cast
from election.demo.lookups import members_of_post, open_letters, suspended_members, voters_by_unit
from election.errors import Refused
from election.nomination.leaders.operations import assign_leader
from election.notices.operations_calendar import add_days
from election.notices.operations_electors import publish_electors_notice
from election.notices.reception import Reception
from election.people.actor import Role
from election.people.identity import IdentityKeys
from election.people.operations import grant_role
from election.progress.operations import move_phase
from election.quotas.hand import Change
from election.quotas.models import ChangeKind
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import change_seats, recompute_scheme
from election.quotas.operations_letters import record_receipt, sign_letter
from election.quotas.queries import mark, scheme_by_number
from election.results.operations import propose_publication, publish_results, switch_board
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.importing.operations import import_roster
from election.roster.operations import set_voting_right, verify_unit
from election.roster.queries import member_token
from election.roster.queries_units import unit_rosters
from election.store.database import Database

PASSWORD = people.PASSWORD
STAGES = ("configured", "registered", "nominated", "counting", "published")
# As far as an own organisation workbook is taken: the evening is played by the demo county's own parts.
REHEARSED = STAGES[:3]
# Seat letters when the roster is being verified: one receipt came back on paper, some are not signed for yet.
PAPER_LETTER = "u14"
LATE_LETTERS = ("u33", "u37")
RECEPTION = Reception(
    f"中共{county.COUNTY}委组织部组织科", "县委大院 3 号楼 302 室", "0000-8600 1234", "工作日 8:30 至 17:30"
)
LOGINS = (
    (people.ADMIN[0], people.ADMIN[2]),
    *((login, words) for login, _, _, words in people.COUNTY_STAFF),
    people.UNIT_CLERK,
    people.BRANCH_CLERK,
)
# The rest of the year as the State Council announced it: Mid-Autumn, National Day, the days worked instead.
CALENDAR = """2026-09-20 班 国庆节调休
2026-09-25 至 2026-09-27 休 中秋节
2026-10-01 至 2026-10-07 休 国庆节
2026-10-10 班 国庆节调休"""
# Farmers' cells that are held at two seats in the scheme that is only tried out.
TRIED_OUT = (
    ("u11", "边远乡，产茶大户集中，保留两名农民代表"),
    ("u14", "全县最边远的乡，农民党员过半，保留两名农民代表"),
)


def build(
    database: Database,
    keys: IdentityKeys,
    stage: str,
    say: Callable[[str], None],
    roster: tuple[str, bytes] | None = None,
) -> None:
    """Fills an empty, migrated database with the demo county at `stage`. `say` is told each step.

    `roster`: name and content of an own organisation workbook, with which the election is rehearsed as far as the frozen
    slates in place of the invented county. Raises Invalid with its faults, Refused where its members do not suffice.
    """
    if roster is not None and stage not in REHEARSED:
        raise Refused("demo.rehearsal_ends_before", field="--stage", stages="、".join(REHEARSED))
    random = Random(county.SEED)
    cast = people.begin(database, keys, county.REFERENCE.year)
    steps: tuple[tuple[str, str, Callable[[], None]], ...] = (
        ("configured", "花名册、规则与名额分配 roster, rules, scheme", lambda: _configure(cast, random, roster)),
        ("registered", "各单位核对花名册 units verify their rosters", lambda: _register(cast)),
        ("nominated", "报名、推选、审查、名单 applications to slates", lambda: _nominate(cast, random)),
        ("counting", "选举大会与计票 meetings and counting", lambda: evening.count_most(cast)),
        ("published", "全部计票与公告 the rest, and publication", lambda: _publish(cast)),
    )
    for name, words, run in steps:
        say(f"  {words}")
        run()
        if name == stage:
            return


def _configure(cast: Cast, random: Random, roster: tuple[str, bytes] | None) -> None:
    with cast.act("admin") as act:
        congress = create_congress(
            act,
            code=county.CODE,
            name=county.NAME,
            county=county.COUNTY,
            total_seats=county.TOTAL_SEATS,
            reference_date=county.REFERENCE,
        )
        cast.congress_id = congress.id
    people.hire(cast)
    cast.on(9, 8)
    with cast.act("office") as act:
        set_categories(act, cast.congress_id, county.CATEGORIES)
        set_overlays(act, cast.congress_id, county.OVERLAYS)
        set_rule(act, cast.congress_id, "margin_min", str(county.MARGIN))
        record_reply(act, cast.congress_id, number="云组复〔2026〕18号", replied_on=act.today)
    name, book = roster or ("云梦溪县党员花名册.xlsx", county.workbook(random))
    with cast.act("office") as act:
        import_roster(act, cast.congress_id, name, book, cast.keys)
    _engage_unit_clerks(cast)
    _assign_leaders(cast, random)
    if roster is None:
        cast.on(9, 10)
        with cast.act("office") as act:
            set_previous_seats(act, cast.congress_id, county.previous_seats(Random(county.SEED + 3)))
    cast.on(9, 14)
    with cast.act("office") as act:
        number = compute_scheme(act, cast.congress_id, "第一稿").number
        submit_scheme(act, cast.congress_id, number)
    if roster is None:
        cast.on(9, 15)
        _try_out(cast)
    cast.on(9, 16)
    with cast.act("approver") as act:
        approve_scheme(act, cast.congress_id, number)
    _move(cast, Phase.REGISTRATION)
    cast.on(9, 17)
    if roster is None:
        _paper_receipt(cast, number)
    _sign_letters(cast, but=(cast.own_unit, *LATE_LETTERS))


def _paper_receipt(cast: Cast, number: int) -> None:
    """One clerk signed the slip at the foot of the letter; the office records it."""
    with cast.act(PAPER_LETTER) as act:
        clerk = act.actor.name
    with cast.act("office") as act:
        unit_id, _ = open_letters(act.session, cast.congress_id)[PAPER_LETTER]
        record_receipt(act, cast.congress_id, number, unit_id, signed_by=clerk, on=act.today)


def _sign_letters(cast: Cast, but: tuple[str, ...] = ()) -> None:
    """The clerks sign for their seat letters on screen; those of `but` have not come to it yet."""
    with cast.act("office") as act:
        letters = open_letters(act.session, cast.congress_id)
    for code, (unit_id, fingerprint) in letters.items():
        if code not in but:
            with cast.act(code) as act:
                sign_letter(act, cast.congress_id, unit_id, seen=fingerprint)


def _engage_unit_clerks(cast: Cast) -> None:
    """One clerk for each unit, who also keeps the records of its branches."""
    with cast.act("office") as act:
        units = [(one.unit_id, one.unit_code) for one in unit_rosters(act.session, cast.congress_id)]
    names = Random(county.SEED + 1)
    with cast.act("admin") as act:
        for unit_id, code in units:
            person = people.engage(act, cast, code, nomination.clerk_name(names))
            grant_role(act, person, Role.UNIT_CLERK, congress_id=cast.congress_id, unit_id=unit_id)
    known = {code: unit_id for unit_id, code in units}
    if cast.own_unit not in known:
        cast.own_unit = next(iter(known))
    people.give_login(cast, cast.own_unit, people.UNIT_CLERK[0])
    nomination.engage_branch_clerk(cast, known[cast.own_unit])


def _assign_leaders(cast: Cast, random: Random) -> None:
    """The county leaders go to the largest units, one to each."""
    with cast.act("office") as act:
        leaders = members_of_post(act.session, county.LEADER_POST)
        units = sorted(
            (one for one in unit_rosters(act.session, cast.congress_id)),
            key=lambda one: (-one.state.members, one.unit_id),
        )
        # In an own roster as many as it names as leaders of the county.
        takers = [one.unit_id for one in units][: min(county.ASSIGNED, len(leaders))]
        random.shuffle(takers)
        for member, unit_id in zip(leaders[: len(takers)], takers, strict=True):
            assign_leader(act, cast.congress_id, member, unit_id)


def _try_out(cast: Cast) -> None:
    """Another way to divide the seats, put beside the first: two cells held by hand, the rest computed around them."""
    with cast.act("office2") as act:
        number = compute_scheme(act, cast.congress_id, "试算：边远乡保留农民代表").number
    for unit, reason in TRIED_OUT:
        with cast.act("office2") as act:
            held = Change(ChangeKind.CELL, unit, "farmer", "", 2, locked=True)
            seen = mark(scheme_by_number(act.session, cast.congress_id, number))
            change_seats(act, cast.congress_id, number, held, reason, seen=seen)
    with cast.act("office2") as act:
        recompute_scheme(act, cast.congress_id, number)


def _register(cast: Cast) -> None:
    cast.on(9, 19)
    _sign_letters(cast)
    cast.on(9, 21)
    with cast.act("office") as act:
        add_days(act, cast.congress_id, CALENDAR)
    _date_suspensions(cast)
    _tell_the_absent(cast)
    cast.on(9, 22)
    with cast.act("office") as act:
        rosters = unit_rosters(act.session, cast.congress_id)
    for one in rosters:
        with cast.act(one.unit_code) as act:
            verify_unit(act, one.unit_id, seen=one.state.hash)
    with cast.act("office") as act:
        publish_electors_notice(act, cast.congress_id, RECEPTION)
    _move(cast, Phase.NOMINATION)


def _date_suspensions(cast: Cast) -> None:
    """Since when and until when those under 留党察看 have no vote; the time of the first of them has just run out."""
    with cast.act("office") as act:
        for place, line in enumerate(suspended_members(act.session, cast.congress_id)):
            until = act.today + timedelta(days=15 * place - 3)
            set_voting_right(
                act, cast.congress_id, line.member_id, line.standing, line.suspension,
                since=until.replace(year=until.year - 2), until=until,
                reason=f"县纪委处分决定（云纪处〔{until.year - 2}〕{place + 3}号），留党察看两年", seen=member_token(line),
            )  # fmt: skip


def _tell_the_absent(cast: Cast) -> None:
    """Each clerk records who is away and how they were told of the election."""
    random = Random(county.SEED + 4)
    with cast.act("office") as act:
        units = voters_by_unit(act.session, cast.congress_id)
    for code, electors in units.items():
        with cast.act(code) as act:
            for one in away(random, electors, act.today):
                record_absence(
                    act, cast.congress_id, one.member_id, one.kind, one.reason, one.whereabouts,
                    one.notified, one.notified_on, one.note, seen=absence_token(None),
                )  # fmt: skip


def _nominate(cast: Cast, random: Random) -> None:
    nomination.nominate(cast, random)
    _move(cast, Phase.ELECTION)
    with cast.act("office") as act:
        switch_board(act, cast.congress_id, BoardMode.RESULTS)


def _publish(cast: Cast) -> None:
    evening.count_rest(cast)
    _move(cast, Phase.ANNOUNCEMENT)
    cast.on(10, 30)
    with cast.act("office") as act:
        proposal = propose_publication(act, cast.congress_id)
    with cast.act("approver") as act:
        publish_results(act, cast.congress_id, hash=proposal.hash)


def _move(cast: Cast, to: Phase) -> None:
    with cast.act("office") as act:
        move_phase(act, cast.congress_id, to)
