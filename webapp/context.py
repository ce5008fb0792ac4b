"""What every page shows around its own content: masthead, stage line, desks and their pages. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import get_locale, get_translations
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from election import texts
from election.congress.lifecycle import Phase
from election.people.act import CHINA, local_day
from election.people.actor import Actor, Role, Scope
from election.people.permissions import ALLOWED, Permission
from election.progress.queries import is_demo, stage_line, waiting_counts
from election.progress.waiting import Desk
from webapp.access import may_open
from webapp.errors import said, say
from webapp.requests import actor_or_none, clock, reading

# endpoint of a desk's first page, and the pages below the desk's name where it has several
OFFICE_PAGES = (
    (_l("党代会设置"), "office_congress.settings"),
    (_l("花名册"), "office_roster.roster"),
    (_l("名额分配"), "office_scheme.schemes"),
    (_l("资格审查"), "office_reviews.reviews"),
    (_l("公示与异议"), "office_notices.notices"),
    (_l("候选人名单"), "office_slates.slates"),
    (_l("结果与公告"), "office_results.results"),
)
# Modules whose pages stand below another module's entry.
PART_OF = {
    "branch": "office_reviews",
    "office_leaders": "office_scheme",
    "office_quotas": "office_scheme",
    "office_letters": "office_scheme",
    "office_departures": "office_roster",
    "office_newcomer": "office_roster",
    "office_member": "office_roster",
    "office_import": "office_roster",
    "office_calendar": "office_notices",
    "office_objections": "office_notices",
    "office_cells": "office_slates",
}
SCHEME_PAGES = ("office_scheme.", "office_quotas.", "office_letters.")
DESKS = (
    (Desk.HOME, _l("待办"), "home.congress", frozenset(Role) - {Role.ADMIN}, ("home.",)),
    (Desk.OFFICE, _l("组织部"), "office_congress.settings", frozenset({Role.OFFICE}), ("office_",)),
    (
        Desk.APPROVAL,
        _l("审批"),
        "office_scheme.schemes",
        frozenset({Role.APPROVER}),
        (*SCHEME_PAGES, "office_slates.", "office_cells.", "office_results."),
    ),
    (Desk.UNIT, _l("选举单位"), "unit_nomination.units", frozenset({Role.UNIT_CLERK}), ("unit_",)),
    (Desk.BRANCH, _l("支部"), "branch.branches", frozenset({Role.BRANCH_CLERK, Role.UNIT_CLERK}), ("branch",)),
    (Desk.TALLY, _l("计票"), "tally.home", frozenset({Role.TELLER}), ("tally.",)),
    (Desk.SCRUTINY, _l("监票"), "scrutiny.home", frozenset({Role.SCRUTINEER}), ("scrutiny",)),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: Any
    href: str
    active: bool
    waiting: int = 0
    count: int = 0


def chinese_date(day: date | datetime) -> str:
    """A day, or the day of a moment by the calendar on the wall."""
    return texts.chinese_date(local_day(day) if isinstance(day, datetime) else day)


def chinese_time(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{chinese_date(moment)} {local:%H:%M}"


def product_version() -> str:
    try:
        return version("xiheng")
    except PackageNotFoundError:
        return "0.1"


def _desks(actor: Actor, congress: Any) -> list[Link]:
    endpoint = request.endpoint or ""
    links: list[Link] = []
    if congress is not None:
        roles = actor.roles_in(congress.id)
        waiting = waiting_counts(reading(), congress, actor, local_day(clock()()))
        for desk, label, target, allowed, prefixes in DESKS:
            if desk is Desk.OFFICE and _reads_branches(roles):
                prefixes = (*prefixes, "branch.")
            if roles & allowed:
                links.append(
                    Link(
                        label,
                        url_for(target, congress=congress.code),
                        endpoint.startswith(prefixes),
                        waiting.get(desk, 0),
                    )
                )
        if roles & ALLOWED[Permission.SCHEME_VIEW] and not roles & {Role.OFFICE, Role.APPROVER}:  # theirs is above
            href = url_for("office_scheme.schemes", congress=congress.code)
            links.append(Link(_l("名额分配"), href, endpoint.startswith(SCHEME_PAGES)))
        if roles & ALLOWED[Permission.SLATE_VIEW] and not roles & {Role.OFFICE, Role.APPROVER}:
            href = url_for("office_reviews.reviews", congress=congress.code)
            links.append(Link(_l("资格审查"), href, endpoint.startswith("office_reviews.")))
        if roles & ALLOWED[Permission.NOTICE_VIEW] and Role.OFFICE not in roles:
            href = url_for("office_notices.notices", congress=congress.code)
            links.append(Link(_l("公示"), href, endpoint.startswith("office_notices.")))
        if congress.phase is not Phase.PREPARATION:  # until then there is no board
            links.append(Link(_l("大屏"), url_for("board.board", congress=congress.code), endpoint == "board.board"))
    if any(grant.role is Role.ADMIN for grant in actor.grants):
        links.append(Link(_l("系统管理"), url_for("admin.home"), endpoint.startswith("admin.")))
    return links


def _reads_branches(roles: Collection[Role]) -> bool:
    """The office reads the branches' pages from its own desk; who keeps branches too has a desk for them."""
    return Role.OFFICE in roles and Role.BRANCH_CLERK not in roles and Role.UNIT_CLERK not in roles


def _desk_pages(actor: Actor, congress: Any) -> list[Link]:
    endpoint = request.endpoint or ""
    if congress is None or Role.OFFICE not in (roles := actor.roles_in(congress.id)):
        return []
    if not endpoint.startswith("office_") and not (endpoint.startswith("branch.") and _reads_branches(roles)):
        return []
    own = endpoint.partition(".")[0]
    module = PART_OF.get(own, own)
    pages = []
    for label, target in OFFICE_PAGES:
        # The pages of one module light up their own entry only: those that share the module name themselves alike.
        alone = sum(1 for _, other in OFFICE_PAGES if other.startswith(module + ".")) == 1
        active = target.startswith(module + ".") if alone else endpoint.startswith(target.rstrip("s"))
        pages.append(Link(label, url_for(target, congress=congress.code), active))
    return pages


def page_context() -> dict[str, Any]:
    """Given to every template. Public pages and broken ones get the frame only."""
    now = clock()()
    context: dict[str, Any] = {
        "congress": g.get("congress"),
        "locale": str(get_locale() or "zh"),
        "version": product_version(),
        "printed_at": chinese_time(now),
        "links": {
            "home": url_for("home.start"),
            "sign_in": url_for("account.sign_in"),
            "sign_out": url_for("account.sign_out"),
            "account": url_for("account.account"),
            "language": url_for("account.language"),
        },
        "say": say,
        "said": said,
    }
    if g.get("broken"):
        return context
    context["demo"] = is_demo(reading())
    actor = actor_or_none()
    if actor is None:
        return context
    congress = g.get("congress")
    context["person_name"] = actor.name
    if congress is not None and actor.roles_in(congress.id):
        context["stage"] = [
            {
                "code": step.phase.value,
                "label": said(step.phase),
                "state": step.state,
                "blockers_count": step.blockers_count,
                "href": url_for("home.congress", congress=congress.code, _anchor=step.phase.value),
            }
            for step in stage_line(reading(), congress, local_day(now))
        ]
        context["desks"] = _desks(actor, congress)
        context["desk_pages"] = _desk_pages(actor, congress)
    else:
        context["desks"] = _desks(actor, None)
    return context


def label(text: str, **values: object) -> Markup:
    """A template's label in the language of the page. A page has hundreds, so its catalogue is looked up once."""
    if "translations" not in g:
        g.translations = get_translations()
    return Markup(g.translations.gettext(text)) % values  # noqa: S704 - the text is a template's own, never a visitor's


def opens(endpoint: str, unit_id: int) -> bool:
    """Whether this page of a unit of the congress is the visitor's to open."""
    return may_open(endpoint, Scope(g.congress.id, unit_id))


def register(app: Flask) -> None:
    app.context_processor(page_context)
    app.jinja_env.globals["_"] = label
    app.jinja_env.globals["opens"] = opens
    app.jinja_env.filters["chinese_date"] = chinese_date
    app.jinja_env.filters["chinese_time"] = chinese_time
