"""代表候选人报名表 and 联名推荐表: an applicant's own, or blank to be filled in by hand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.documents.parts import (
    Data,
    Style,
    choices,
    form,
    label,
    note,
    room,
    sheet,
    signatures,
    table,
    text,
    value,
)
from election.nomination.models import Source
from election.nomination.papers.common import Applicant
from election.rules import BY_NAME

TITLE, JOINT_TITLE = "代表候选人报名表", "代表候选人联名推荐表"


@dataclass(frozen=True, slots=True)
class Occasion:
    """For which congress the form is, and what it lets one choose. `signers`: the fewest members who nominate jointly."""

    congress: str
    categories: Sequence[str]
    sources: Sequence[Source]
    signers: int


@dataclass(frozen=True, slots=True)
class Signer:
    """A member who joined in nominating."""

    name: str
    sex: str
    branch: str


def application_sheets(occasion: Occasion, applicant: Applicant | None, signers: Sequence[Signer] = ()) -> list[Data]:
    """The form and, where members may or do nominate jointly, the list that they sign. None: a blank form."""
    sheets = [_form(occasion, applicant, signers)]
    joint = Source.JOINT in occasion.sources if applicant is None else applicant.source is Source.JOINT
    return [*sheets, _joint(occasion, applicant, signers)] if joint else sheets


def _form(occasion: Occasion, one: Applicant | None, signers: Sequence[Signer]) -> Data:
    def filled(get: str) -> str:
        return "" if one is None else str(getattr(one, get))

    overlays = "" if one is None else "、".join(one.overlays) or "无"
    return sheet(
        [occasion.congress, TITLE],
        form(
            (None, 1.1, None, 1, None, 1, 1.1),
            [
                [label("姓　　名"), value(filled("name")), label("性　别"), value(filled("sex_word")),
                 label("出生年月"), value(filled("born")), label("照　片", rows=4)],
                [label("民　　族"), value(filled("ethnicity")), label("学　历"), value(filled("education")),
                 label("入党时间"), value(filled("joined"))],
                [label("所在支部"), value(filled("branch_name"), span=5)],
                [label("职　　务"), value(filled("post"), span=5)],
                [label("选举单位"), value(filled("unit_name"), span=3), label("其　　中"), value(overlays, span=2)],
                [label("报名类别"), choices(_ticked(occasion.categories, filled("category_name")), span=6)],
                [label("报名方式"), choices(_ticked([one.zh for one in occasion.sources], _source(one)), span=6)],
                [label("推荐单位\n或推荐人"), value(_recommended(one, len(signers)), span=6)],
                [label("简历和\n主要事迹"), room(filled("career"), span=6, height=42)],
                [label("自荐或\n推荐理由"), room(filled("statement"), span=6, height=25)],
                [label("本人承诺"), room(
                    "本人自愿报名（同意推荐），以上内容属实；如当选，认真履行代表职责。", span=6, height=15, signed="本人签名"
                )],
                [label("党支部\n意　见"), room("", span=6, height=15, seal="党支部", signed="书记签名")],
                [label("选举单位\n意　　见"), room("", span=6, height=15, seal="选举单位", signed="负责人签名")],
                [label("县委组织部\n审查意见"), room("", span=6, height=15, seal="县委组织部")],
            ],
        ),
        note("每人只报一个类别，以党员花名册登记的类别为准；“其中”按花名册登记的事实填写，可以交叉。"),
        style=Style.FORM,
        running=f"{occasion.congress}　{TITLE}{'' if one is None else '　' + one.name}",
    )  # fmt: skip


def _recommended(one: Applicant | None, signers: int) -> str:
    if one is None:
        return ""
    return f"党员{signers}人联名，见联名推荐表" if one.source is Source.JOINT else one.recommended_by


def _source(one: Applicant | None) -> str:
    return "" if one is None else one.source.zh


def _ticked(options: Sequence[str], chosen: str) -> list[tuple[str, bool]]:
    """The options with the chosen one ticked; a choice that is no longer offered stands last."""
    found = [(one, one == chosen) for one in options]
    return found if not chosen or chosen in options else [*found, (chosen, True)]


def _joint(occasion: Occasion, one: Applicant | None, signers: Sequence[Signer]) -> Data:
    rule = BY_NAME["joint_signers"]
    lines = [(str(at), who.name, who.sex, who.branch, "") for at, who in enumerate(signers, 1)]
    # Blank lines to sign by hand: as many as are needed, never fewer.
    lines += [(str(at), "", "", "", "") for at in range(len(lines) + 1, (0 if one else occasion.signers) + 1)]
    who, category, place = ("", "", "") if one is None else (one.name, one.category_name, one.unit_name)
    return sheet(
        [occasion.congress, JOINT_TITLE],
        form(
            (None, 1, None, 1.2, None, 1.4),
            [[label("被推荐人"), value(who), label("类　别"), value(category), label("选举单位"), value(place)]],
        ),
        text("我们联名推荐以上同志为代表候选人人选。推荐人均为本选举单位有选举权的党员，签名如下："),
        table(("序号", "姓名", "性别", "所在党支部", "本人签名"), "cnclc", (None, 1, 0.5, 2.2, 1.4), lines, tall=True),
        note(f"联名推荐须有{rule.shown(occasion.signers)}，每人签名一次，被推荐人不得签名。依据：{rule.ground}。"),
        signatures("选举单位经办人", "核对人", seal="选举单位"),
        style=Style.FORM,
        running=f"{occasion.congress}　{JOINT_TITLE}{'　' + who if who else ''}",
    )
