"""外出党员通知登记表: who of a unit is away, how they were told, and where they or their family sign. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from election.documents.parts import Data, Style, note, sheet, signatures, table, text
from election.people.models import Sex
from election.roster.absences.queries import AbsenceLine

TITLE = "外出党员通知登记表"
SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}
# Blank lines for who is found to be away while the list is walked through.
BLANK_LINES = 5


def absentees_sheet(congress: str, sender: str, unit: str, lines: Sequence[AbsenceLine], until: str) -> Data:
    """The list to walk through: those who are not told yet stand first. `until`: the day of the last entry."""
    told = sum(line.notified is not None for line in lines)
    rows: list[tuple[str, ...]] = [
        (
            str(place),
            line.name,
            SEXES[line.sex],
            line.branch_name,
            line.kind.zh,
            line.whereabouts,
            "" if line.notified is None else line.notified.zh,
            ""
            if line.notified_on is None
            else f"{line.notified_on.year}.{line.notified_on.month}.{line.notified_on.day}",
            "；".join(filter(None, (line.note, "" if line.votes else "没有选举权"))),
            "",
            "",
        )
        for place, line in enumerate(lines, 1)
    ]
    rows += [(str(place), *[""] * 10) for place in range(len(rows) + 1, len(rows) + BLANK_LINES + 1)]
    head = (
        "序号", "姓名", "性别", "所在党支部", "类别", "去向", "通知方式", "通知日期", "备注", "通知人签名", "本人或家属签名",
    )  # fmt: skip
    widths = (None, 1.1, None, 1.9, 1.35, 1.5, 1.05, 1.4, 1.2, 1.1, 1.6)
    said = (
        f"登记外出党员{len(lines)}名，已通知{told}名，尚未通知{len(lines) - told}名。"
        if lines
        else "没有登记外出的党员。"
    )
    return sheet(
        [congress, TITLE],
        text(said + "请以上门、电话或者书信逐人告知选举的时间和地点，填写通知方式和日期，并签名。"),
        table(head, "cnclllclllc", widths, rows, tall=True),
        note(f"名单不对外公布去向；对外公示以{sender}发布的选举人名单公示为准。"),
        signatures("填表人", "审核人", seal=unit),
        style=Style.LYING,
        note="　".join(filter(None, (f"选举单位：{unit}", until and f"登记截至{until}"))),
        running=f"{congress}　{TITLE}　{unit}",
    )
