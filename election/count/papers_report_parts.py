"""The annex of the scrutineers' report: what each venue and each counting group counted, contest by contest, with the exact
sums. Pure.

Of a venue whose figures are withheld it says only what everybody could count: 发出 and 收回 (edge case 15).
"""

from __future__ import annotations

from collections.abc import Sequence

from election.count.papers_report_facts import CountedContest, Marked, Part, Ranked, Report
from election.documents.parts import Data, Style, heading, note, sheet, table
from election.meeting.counted import together

TITLE, ANNEX = "监票报告单", "附件　各会场、各计票组计票数"
# Tables that are longer go on over the page.
MOST_ON_A_PAGE = 14
# Forms side by side.
ABREAST = 3


def parts_sheet(report: Report) -> Data | None:
    """None where every contest was counted on one form."""
    blocks: list[Data] = []
    for vote in report.votes:
        here = [one for one in vote.contests if len(one.parts) > 1]
        if here and len(report.votes) > 1:
            blocks.append(heading(f"第{vote.vote}次投票"))
        for contest in here:
            blocks += [heading(contest.name, level=2), _figures(contest), *_parts(contest)]
    if not blocks:
        return None
    if any(part.withheld for vote in report.votes for one in vote.contests for part in one.parts):
        blocks.append(note("到会人数少的会场，为保证无记名投票，其计票数（及足以推算的）只计入合计，不单独列出。"))
    return sheet(
        [TITLE, ANNEX],
        *blocks,
        style=Style.FORM,
        note=f"{report.congress}　选举单位：{report.unit}",
        running=f"{TITLE}　附件　{report.unit}",
    )


def _figures(contest: CountedContest) -> Data:
    """Form by form; a venue of several groups has its own sum too, and all of them theirs."""
    several = len(contest.parts) > 1
    venues = list(dict.fromkeys(one.where for one in contest.parts))
    rows = []
    for venue in venues:
        here = [one for one in contest.parts if one.where == venue]
        rows += [(f"{venue}（{one.number}）", *_shown(one.figures)) for one in here]
        if len(here) > 1 and len(venues) > 1:
            rows.append(
                (
                    f"{venue}小计",
                    *_shown([together(column) for column in zip(*(one.figures for one in here), strict=True)]),
                )
            )
    if several:
        rows.append(("合计", *_shown((contest.issued, contest.returned, contest.valid, contest.spoiled))))
    return table(
        ("会场（计票单）", "发出", "收回", "有效", "无效"),
        "lcccc",
        (2, 1, 1, 1, 1),
        rows,
        total=several,
        stays=len(rows) <= MOST_ON_A_PAGE,
    )


def _shown(figures: Sequence[int | None]) -> list[str]:
    return [shown_count(one) for one in figures]


def shown_count(number: int | None) -> str:
    return "－" if number is None else str(number)


def _parts(contest: CountedContest) -> list[Data]:
    """Every name's votes form by form, so many beside one another, and their sum at the end."""
    made = []
    parts = [one for one in contest.parts if not one.withheld]
    for at in range(0, len(parts), ABREAST):
        some = parts[at : at + ABREAST]
        last = at + ABREAST >= len(parts)
        rows = [
            [line.name, *(_marks(_mark_of(line, part)) for part in some), *([_marks(line)] if last else [])]
            for line in contest.lines
        ]
        columns = len(some) + last
        made.append(
            table(
                ("赞成/不赞成/弃权", *(part.number for part in some), *(["合计"] if last else [])),
                "n" + "f" * columns,
                (1.4, *[1] * columns),
                rows,
                whole=len(rows) <= MOST_ON_A_PAGE,
            )
        )
    return made


def _mark_of(line: Ranked, part: Part) -> Marked | None:
    return next((one for one in part.marks if one.key == line.key), None)


def _marks(one: Marked | None) -> str:
    """Nobody wrote the name in there: a stroke."""
    if one is None:
        return "－"
    return str(one.for_) if one.against is None else f"{one.for_}/{one.against}/{one.abstain}"
