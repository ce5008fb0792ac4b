"""The catalogue of rules: what an office may set, the default, the permitted alternatives, and where it is written.

Data only. A congress keeps its own value of each (`congress/models.py: RuleValue`), which freezes at the first
recorded act that used it. Nothing here decides an election.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from election.errors import Refused
from election.machine import Words

# What a column of the tables that name a criterion or a body holds.
LONGEST_NAME = 60


class Basis(StrEnum):
    """How firm a source is: wording seen, said in the founding documents, practice, inferred."""

    WORDING = "V"
    SEED = "S"
    PRACTICE = "P"
    INFERRED = "I"


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter. `choices` closes the set of values; else an integer from `least` to `most`, a fraction, or, with
    `listing`, up to `most` names.
    """

    name: str
    zh: str
    en: str
    default: Any
    source: str
    basis: Basis
    choices: Mapping[str, tuple[str, str]] | None = None
    least: int = 0
    most: int = 0
    unit: str = ""
    fraction: bool = False
    listing: bool = False

    @property
    def ground(self) -> str:
        """What official paper cites: a regulation by its name; whatever else a default was taken from, it is this
        county that decided it.
        """
        return self.source if self.basis is Basis.WORDING else "本县确定"

    def read(self, text: str) -> Any:
        """The value that a form's text stands for. Raises Refused `rules.not_permitted`, naming the rule."""
        value = text.strip()
        if self.choices is not None:
            if value in self.choices:
                return value
            raise Refused("rules.not_permitted", field=self.name, rule=Words(self.zh, self.en), value=value)
        if self.listing:
            return self._read_names(value)
        try:
            if self.fraction:
                share = Fraction(value)
                if 0 <= share <= self.most:
                    return str(share)
            elif self.least <= int(value) <= self.most:
                return int(value)
        except (ValueError, ZeroDivisionError):
            pass
        raise Refused(
            "rules.out_of_range", field=self.name, rule=Words(self.zh, self.en), least=self.least, most=self.most
        )

    def _read_names(self, text: str) -> list[str]:
        """One name a line, or several with 、 between them; each once."""
        names = list(dict.fromkeys(name.strip() for name in re.split(r"[\n、；;]", text) if name.strip()))
        if len(names) > self.most or any(len(name) > LONGEST_NAME for name in names):
            raise Refused(
                "rules.too_many_names",
                field=self.name,
                rule=Words(self.zh, self.en),
                most=self.most,
                longest=LONGEST_NAME,
            )
        return names

    def shown(self, value: Any, language: str = "zh") -> str:
        """The value as people read it."""
        if self.listing:
            return "、".join(value)
        if self.choices is not None:
            return self.choices[str(value)][1 if language.startswith("en") else 0]
        return f"{value}{self.unit}"


_V, _S, _P, _I = Basis.WORDING, Basis.SEED, Basis.PRACTICE, Basis.INFERRED

RULES: tuple[Rule, ...] = (
    Rule(
        "allocation_method",
        "名额分配方法",
        "Allocation method",
        "within-quota",
        "《名额分配说明》",
        _I,
        {"within-quota": ("份额上下取整", "within quota"), "webster": ("双向韦伯斯特法", "biproportional Webster")},
    ),
    Rule(
        "column_rounding",
        "类别名额取整",
        "Rounding of category seats",
        "largest-remainder",
        "算术",
        _I,
        {"largest-remainder": ("最大余数法", "largest remainder"), "webster": ("韦伯斯特法", "Webster")},
    ),
    Rule(
        "weight_members",
        "单位权重：每名党员计",
        "Unit weight: each member counts",
        1,
        "结构制选举试点报告（以所辖党组织和党员人数为主要分配依据）",
        _S,
        least=0,
        most=1000,
    ),
    Rule(
        "weight_organisations",
        "单位权重：每个党组织计",
        "Unit weight: each organisation counts",
        3,
        "结构制选举试点报告（以所辖党组织和党员人数为主要分配依据）",
        _S,
        least=0,
        most=1000,
    ),
    Rule("unit_least", "每个选举单位最少名额", "Least seats of a unit", 1, "惯例", _I, least=0, most=100, unit="名"),
    Rule("margin_min", "最低差额比例", "Least margin", 20, "地方条例；基层条例第九条", _V, least=0, most=200, unit="%"),
    Rule(
        "leader_cap",
        "领导干部比例提醒线",
        "Leaders' share, warned from",
        50,
        "结构制选举试点报告",
        _S,
        least=0,
        most=100,
        unit="%",
    ),
    Rule(
        "women_floor_advice",
        "妇女比例提醒",
        "Women's share, advice",
        "members",
        "地方条例",
        _V,
        {
            "members": ("低于妇女党员所占比例时提醒", "warned below the women's share among members"),
            "off": ("不提醒", "no warning"),
        },
    ),
    Rule(
        "member_age_least",
        "党员最低年龄",
        "Least age of a member",
        18,
        "党章第一条",
        _V,
        least=0,
        most=30,
        unit="周岁",
    ),
    Rule(
        "nomination_source",
        "报名方式",
        "Ways to be nominated",
        "open",
        "结构制选举试点报告（党员自愿报名）；任期制实践",
        _S,
        {
            "open": ("个人自荐、组织推荐、党员联名推荐、群众推荐", "self, organisation, joint, public"),
            "self": ("只接受本人在所在支部自荐", "self-nomination in the own branch only"),
        },
    ),
    Rule(
        "joint_signers",
        "联名推荐人数",
        "Members who nominate jointly",
        10,
        "结构制选举试点报告（党员10人以上联名）",
        _S,
        least=2,
        most=100,
        unit="人以上",
    ),
    Rule(
        "branch_places",
        "支部推选的入围办法",
        "Who goes on from a branch ballot",
        "majority",
        "结构制选举试点报告（支部无记名投票）；推选实践",
        _S,
        {
            "majority": ("赞成票过半数的全部入围", "all above the majority"),
            "places": ("按名额，过半数且得票多的入围", "by places: above the majority, most votes first"),
        },
    ),
    Rule(
        "review_criteria",
        "候选人资格审查项目",
        "Criteria of the applicant review",
        ["政治素质合格", "党员身份和选举权属实", "符合所报类别", "遵纪守法和廉洁自律", "具备履职能力"],
        "结构制选举试点报告（严把资格审查关）；任期制条例",
        _S,
        most=20,
        listing=True,
    ),
    Rule(
        "review_bodies",
        "征求意见的单位",
        "Bodies whose opinion is asked",
        ["纪检监察机关", "公安机关"],
        "代表选举工作实践",
        _P,
        most=20,
        listing=True,
    ),
    Rule(
        "quorum_meeting",
        "选举大会到会人数",
        "Quorum of the meeting",
        "4/5",
        "基层条例",
        _V,
        {
            "4/5": ("不少于应到会的五分之四", "at least 4/5 of expected"),
            ">1/2": ("超过应到会的二分之一", "more than 1/2 of expected"),
        },
    ),
    Rule(
        "quorum_branch",
        "支部大会到会人数",
        "Quorum of a branch meeting",
        "4/5",
        "基层条例",
        _V,
        {
            "4/5": ("不少于应到会的五分之四", "at least 4/5 of expected"),
            ">1/2": ("超过应到会的二分之一", "more than 1/2 of expected"),
        },
    ),
    Rule(
        "majority_base",
        "过半数的基数",
        "Base of the majority",
        "expected",
        "地方条例",
        _V,
        {
            "expected": ("应到会有选举权人数", "expected electors"),
            "present": ("实到会有选举权人数", "present electors"),
        },
    ),
    Rule(
        "tie_at_cut",
        "当选线上得票相等",
        "Tie across the cut",
        "ballot",
        "地方条例",
        _V,
        {
            "ballot": ("就得票相等者再次投票", "new ballot among the tied"),
            "lot": ("就得票相等者当众抽签并记录", "recorded lot among the tied"),
        },
    ),
    Rule(
        "write_in",
        "另选他人",
        "Write-ins",
        "against",
        "党章第十一条；选举办法",
        _P,
        {
            "against": ("投不赞成票者可以另选他人", "only with a vote against"),
            "against_or_abstain": ("投不赞成票或弃权者可以另选他人", "also with abstention"),
            "off": ("不允许", "off"),
        },
    ),
    Rule(
        "marks",
        "选票符号",
        "Marks on a ballot",
        "circle",
        "选举办法",
        _P,
        {
            "circle": ("赞成画“○”，不赞成画“×”，弃权不画", "○ for, × against, blank abstains"),
            "tick": ("赞成画“√”，不赞成画“×”，弃权画“○”", "√ for, × against, ○ abstains"),
            "blank_for": ("赞成不画，不赞成画“×”，弃权画“○”", "blank for, × against, ○ abstains"),
        },
    ),
    Rule(
        "ballot_sheets",
        "选票印制",
        "Ballots and sheets",
        "category",
        "惯例",
        _I,
        {
            "category": ("每个类别一张选票，颜色不同", "one ballot per category, in its own colour"),
            "one": (
                "各类别合印一张选票，分栏填写；某一栏赞成人数超过应选名额的，只有这一栏无效",
                "one sheet with sections; an over-marked section spoils that section only",
            ),
        },
    ),
    Rule(
        "publicity_days",
        "公示工作日",
        "Working days of a public notice",
        5,
        "结构制选举试点报告（公示阶段）",
        _S,
        least=0,
        most=30,
        unit="个工作日",
    ),
    Rule(
        "age_reference",
        "年龄计算：50岁以下是否含50岁",
        "Does “50 or younger” include 50",
        "included",
        "惯例",
        _I,
        {"included": ("含50岁", "included"), "excluded": ("不含50岁", "excluded")},
    ),
    Rule(
        "spoiled_warning",
        "无效票提醒线",
        "Spoiled ballots, warned from",
        3,
        "计票实践",
        _P,
        least=1,
        most=100,
        unit="%",
    ),
    Rule(
        "missing_warning_percent",
        "未收回选票提醒线（比例）",
        "Ballots not returned, warned from (share)",
        2,
        "计票实践",
        _P,
        least=1,
        most=100,
        unit="%",
    ),
    Rule(
        "missing_warning_ballots",
        "未收回选票提醒线（张数）",
        "Ballots not returned, warned from (ballots)",
        15,
        "计票实践",
        _P,
        least=1,
        most=10000,
        unit="张",
    ),
    Rule(
        "turnout_warning",
        "参选率与支部推选相差提醒线",
        "Turnout differing from the branch ballots, warned from",
        15,
        "计票实践",
        _P,
        least=1,
        most=100,
        unit="个百分点",
    ),
    Rule(
        "counted_alone",
        "会场单独计票的最少到会人数",
        "Fewest present where a venue is counted alone",
        10,
        "党章第十一条（无记名投票）",
        _I,
        least=2,
        most=1000,
        unit="人",
    ),
)

BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
