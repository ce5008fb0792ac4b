"""What a page says about a cell after somebody left it: the margin as it is now, and what has become of its slate."""

from __future__ import annotations

from flask import flash, g
from flask_babel import gettext as _

from election.contests.models import ContestKind
from election.nomination.lifecycle import SlateState
from election.nomination.queries import slates
from election.nomination.slates.queries_board import slate_board
from election.people.act import local_day
from webapp.requests import clock, reading


def tell_margin(unit_id: int, category_id: int) -> None:
    """Flashes how the cell stands; nothing where the approved scheme has no such cell."""
    lines = slates(reading(), g.congress.id, unit_id)
    rows = slate_board(reading(), g.congress.id, local_day(clock()()), unit_id, lines).rows
    cell = next((one for row in rows for one in row.cells if one.category_id == category_id), None)
    if cell is None:
        return
    margin = cell.margin
    words = _(
        "%(unit)s·%(category)s：须有候选人 %(need)s 名，现有 %(have)s 名",
        unit=margin.cell.unit,
        category=margin.cell.category,
        need=margin.needed,
        have=margin.cell.have,
    )
    words += _("，缺 %(n)s 名", n=margin.missing) if margin.missing else _("，够了")
    for line in lines:
        if line.category_id == category_id and line.kind is ContestKind.CONTESTED and line.slate is not None:
            if line.slate.version > 1 and line.state is SlateState.DRAFT:
                words += _("；原名单已作废，第 %(n)s 版须由选举单位重新提交并确定，已印的要重印", n=line.slate.version)
            elif line.state is SlateState.RETURNED:
                words += _("；名单已退回选举单位，须重新提交")
    flash(f"{words}。", "warn" if margin.missing else "info")
