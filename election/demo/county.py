"""The demo county: its units, committees, branches and members. Pure and invented; the same seed, the same county."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from stdnum.cn import ric

from election.congress.models import OverlayFact, UnitKind
from election.congress.operations import CategoryInput, OverlayInput
from election.demo.names import ethnicity, person_name
from election.people.identity import Identity
from election.people.models import Sex
from election.roster.importing.rows import MemberRow, OrganisationRow, UnitRow
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import OrganisationKind, Standing, Suspension

SEED = 20261030
CODE = "demo-14"
COUNTY = "云梦溪县"
NAME = "中国共产党云梦溪县第十四次代表大会"
TOTAL_SEATS = 204
MARGIN = 40
APPLICANTS = 514
ASSIGNED = 31
MEMBERS = 11_330
REFERENCE = date(2026, 9, 20)
# Until when branches took members in before the registration; who is on probation came in within so many days of it.
LAST_ADMISSION = date(2026, 7, 1)
PROBATION_DAYS = 300
# Who is under 留党察看 for two years was a member before.
LONG_A_MEMBER = REFERENCE.replace(year=REFERENCE.year - 4)
# An area code that came into being after every one of these birth dates: nobody can hold such a number.
AREA = "460302"

CATEGORIES = (
    CategoryInput("leader", "领导干部", Fraction(49, 100), "leaders", takes_assigned=True),
    CategoryInput("army", "军警", Fraction(1, 100), "military and police"),
    CategoryInput("technical", "专业技术", Fraction(20, 100), "technical"),
    CategoryInput("farmer", "农民", Fraction(10, 100), "farmers"),
    CategoryInput("private", "非公经济", Fraction(5, 100), "non-public economy"),
    CategoryInput("other", "其他基层", Fraction(15, 100), "other grassroots"),
)
OVERLAYS = (
    OverlayInput("women", "妇女", Fraction(27, 100), OverlayFact.WOMEN),
    OverlayInput("under50", "50岁以下", Fraction(92, 100), OverlayFact.AGE_AT_MOST, 50),
)

# How the members of a kind of unit are recorded, in parts of 100.
PROFILES = {
    UnitKind.TOWNSHIP: {"leader": 11, "technical": 11, "farmer": 54, "private": 6, "other": 18},
    UnitKind.ORGAN: {"leader": 44, "technical": 24, "other": 32},
    UnitKind.SECURITY: {"leader": 26, "technical": 16, "other": 58},
    UnitKind.EDUCATION: {"leader": 16, "technical": 66, "other": 18},
    UnitKind.HEALTH: {"leader": 15, "technical": 67, "other": 18},
    UnitKind.STATE_ENTERPRISE: {"leader": 18, "technical": 36, "other": 46},
    UnitKind.PRIVATE_ENTERPRISE: {"leader": 5, "technical": 16, "private": 60, "other": 19},
    UnitKind.ARMED_FORCES: {"army": 100},
}
POSTS = {
    "leader": ("局长", "副局长", "乡镇党委委员", "副乡镇长", "股长", "站所负责人", "科级干部"),
    "army": ("参谋", "干事", "排长", "士官"),
    "technical": ("教师", "医师", "农艺师", "工程师", "会计师", "护师", "技术员"),
    "farmer": ("村民", "村民小组长", "种植大户", "养殖大户", "村委委员"),
    "private": ("企业经营者", "车间主任", "个体工商户", "合作社理事长", "企业职工"),
    "other": ("社区工作者", "驾驶员", "办事员", "窗口工作人员", "工人", "退休职工"),
}
EDUCATION = {
    "leader": ("大学", "大学", "大专", "研究生"),
    "army": ("大学", "大专"),
    "technical": ("大学", "大学", "大专", "研究生"),
    "farmer": ("初中", "高中", "初中", "小学", "大专"),
    "private": ("高中", "大专", "大学", "初中"),
    "other": ("高中", "大专", "大学", "初中"),
}


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit as planned: `committee` names the party committee that its branches belong to."""

    name: str
    kind: UnitKind
    committee: str
    members: int
    factor: Fraction = Fraction(1)
    reason: str = ""


_T, _O, _S, _E, _H = UnitKind.TOWNSHIP, UnitKind.ORGAN, UnitKind.SECURITY, UnitKind.EDUCATION, UnitKind.HEALTH
_N, _P, _A = UnitKind.STATE_ENTERPRISE, UnitKind.PRIVATE_ENTERPRISE, UnitKind.ARMED_FORCES
_ORGANS = "县直机关工作委员会"
_FAR = "边远乡镇，地域分布照顾"

UNITS = (
    UnitPlan("青石关镇", _T, "青石关镇党委", 760),
    UnitPlan("白鹭洲镇", _T, "白鹭洲镇党委", 648),
    UnitPlan("枫香渡镇", _T, "枫香渡镇党委", 600),
    UnitPlan("双溪口镇", _T, "双溪口镇党委", 572),
    UnitPlan("马鞍岭镇", _T, "马鞍岭镇党委", 526),
    UnitPlan("金竹坪镇", _T, "金竹坪镇党委", 500),
    UnitPlan("龙洞湾镇", _T, "龙洞湾镇党委", 472),
    UnitPlan("桐子坝镇", _T, "桐子坝镇党委", 446),
    UnitPlan("云雾山乡", _T, "云雾山乡党委", 412),
    UnitPlan("清水塘乡", _T, "清水塘乡党委", 388),
    UnitPlan("野茶沟乡", _T, "野茶沟乡党委", 356, Fraction(21, 20), _FAR),
    UnitPlan("望月坡乡", _T, "望月坡乡党委", 334),
    UnitPlan("石门坎乡", _T, "石门坎乡党委", 306, Fraction(21, 20), _FAR),
    UnitPlan("鹰嘴岩乡", _T, "鹰嘴岩乡党委", 282, Fraction(11, 10), _FAR),
    UnitPlan("县委机关", _O, _ORGANS, 248),
    UnitPlan("县人大机关", _O, _ORGANS, 96),
    UnitPlan("县政府机关", _O, _ORGANS, 232),
    UnitPlan("县政协机关", _O, _ORGANS, 84),
    UnitPlan("县纪委监委机关", _O, _ORGANS, 118),
    UnitPlan("群团机关", _O, _ORGANS, 92),
    UnitPlan("财政税务系统", _O, _ORGANS, 216),
    UnitPlan("文化旅游系统", _O, _ORGANS, 158),
    UnitPlan("市场监管系统", _O, _ORGANS, 172),
    UnitPlan("政法系统", _S, "县委政法委机关党委", 204),
    UnitPlan("公安系统", _S, "县公安局党委", 332),
    UnitPlan("教育系统", _E, "县教育局党委", 714),
    UnitPlan("卫生健康系统", _H, "县卫生健康局党委", 436),
    UnitPlan("农业农村系统", _O, "县农业农村局党委", 246),
    UnitPlan("自然资源系统", _O, "县自然资源局党委", 188),
    UnitPlan("交通运输系统", _O, "县交通运输局党委", 164),
    UnitPlan("住房城建系统", _O, "县住房城建局党委", 176),
    UnitPlan("供电公司", _N, "供电公司党委", 134),
    UnitPlan("国有林场", _N, "国有林场党委", 122),
    UnitPlan("工业园区", _P, "工业园区综合党委", 302, Fraction(6, 5), "非公经济较为发达，行业领域倾斜"),
    UnitPlan("商贸服务业", _P, "商贸服务业综合党委", 196, Fraction(6, 5), "非公经济较为发达，行业领域倾斜"),
    UnitPlan("县人民武装部", _A, "县人民武装部党委", 52),
    UnitPlan("武警中队", _A, "武警中队党委", 46),
)
# A unit that the previous congress did not have yet; its seats were divided among the others.
NEW_UNIT = "商贸服务业"
PREVIOUS_TOTAL = 198
# The county leaders come from here and are assigned, one to a unit, to all but the smallest.
LEADERS_FROM = {"县委机关": 11, "县人大机关": 5, "县政府机关": 9, "县政协机关": 4, "县纪委监委机关": 2}
LEADER_POST = "县级领导干部"


def previous_seats(random: Random) -> dict[str, int | None]:
    """Unit code → seats in the previous congress: about as its members would have had, to a seat more or less."""
    old = [plan for plan in UNITS if plan.name != NEW_UNIT]
    members = sum(plan.members for plan in old)
    return {
        f"u{place:02d}": None
        if plan.name == NEW_UNIT
        else max(1, round(PREVIOUS_TOTAL * plan.members / members) + random.choice((-1, 0, 0, 0, 1)))
        for place, plan in enumerate(UNITS, 1)
    }


@dataclass(frozen=True, slots=True)
class Roster:
    """The county's roster as the rows of the workbook that the office imports."""

    units: tuple[UnitRow, ...]
    organisations: tuple[OrganisationRow, ...]
    members: tuple[MemberRow, ...]


def roster(random: Random) -> Roster:
    """37 units, 29 committees, about 1,000 branches, 11,330 members."""
    units = tuple(
        UnitRow(0, f"u{place:02d}", plan.name, plan.kind, plan.factor, plan.reason)
        for place, plan in enumerate(UNITS, 1)
    )
    organisations: list[OrganisationRow] = []
    members: list[MemberRow] = []
    committees: dict[str, str] = {}
    people = _People(random)
    for place, plan in enumerate(UNITS, 1):
        if plan.committee not in committees:
            committees[plan.committee] = f"{len(committees) + 1:02d}"
            organisations.append(
                OrganisationRow(0, committees[plan.committee], plan.committee, OrganisationKind.COMMITTEE, "", "")
            )
        branches = list(_branches(random, plan, place, committees[plan.committee]))
        organisations += branches
        members += _members(random, plan, [row.code for row in branches if row.kind is OrganisationKind.BRANCH], people)
    return Roster(units, tuple(organisations), tuple(members))


def workbook(random: Random) -> bytes:
    """The organisation workbook that the demo's office imports: units, organisations, members."""
    drawn = roster(random)
    return roster_workbook(
        drawn.units, drawn.organisations, drawn.members, {item.code: item.name for item in CATEGORIES}
    )


def _branches(random: Random, plan: UnitPlan, place: int, committee: str) -> Iterator[OrganisationRow]:
    """A branch for about eleven members; in the large units a dozen of them make a general branch."""
    number = max(3, round(plan.members / 11.3))
    per_general = 12 if number > 20 else 0
    above, general = committee, 0
    stem = plan.name.removesuffix("镇").removesuffix("乡").removesuffix("系统").removesuffix("机关")
    for branch in range(number):
        if per_general and branch % per_general == 0:
            general += 1
            above = f"{committee}{place:02d}{general:02d}"
            yield OrganisationRow(
                0, above, f"{plan.name}第{general}党总支", OrganisationKind.GENERAL_BRANCH, committee, ""
            )
        yield OrganisationRow(
            0,
            f"{committee}{place:02d}9{branch + 1:03d}",
            f"{stem}第{branch + 1}党支部",
            OrganisationKind.BRANCH,
            above,
            plan.name,
        )


def _members(random: Random, plan: UnitPlan, branches: list[str], people: _People) -> Iterator[MemberRow]:
    profile = PROFILES[plan.kind]
    leaders = LEADERS_FROM.get(plan.name, 0)
    for number in range(plan.members):
        category = "leader" if number < leaders else random.choices(list(profile), list(profile.values()))[0]
        name, identity = people.person(category)
        probationary = number >= leaders and random.random() < 0.03
        suspended = not probationary and number >= leaders and random.random() < 0.002
        people_of, education = ethnicity(random), random.choice(EDUCATION[category])
        joined = _joined(random, identity.born_on, probationary)
        yield MemberRow(
            0,
            name,
            identity,
            branches[number % len(branches)],
            people_of,
            education,
            Standing.PROBATIONARY if probationary else Standing.FULL,
            Suspension.UNDER_WATCH if suspended and joined < LONG_A_MEMBER else None,
            joined,
            category,
            LEADER_POST if number < leaders else random.choice(POSTS[category]),
        )


def _joined(random: Random, born: date, probationary: bool) -> date:
    """Some day after the eighteenth birthday, most before forty; who is on probation joined within the year (党章 7)."""
    days = random.randrange(1, 365 * 18)
    if probationary:
        return LAST_ADMISSION - timedelta(days=days % PROBATION_DAYS)
    return min(date(born.year + 18, 12, 1) + timedelta(days=days), LAST_ADMISSION - timedelta(days=PROBATION_DAYS + 1))


def staff_identity(serial: int) -> Identity:
    """Of someone who works for the election and is not on the roster, whose members are born before the 28th of a month."""
    born = date(1988, 5, 31)
    body = f"{AREA}{born:%Y%m%d}{serial:03d}"
    number = body + ric.calc_check_digit(f"{body}0")
    return Identity(number, born, Sex.MALE if serial % 2 else Sex.FEMALE)


class _People:
    """Persons of both sexes and all ages, each with an identity number of their own."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.given: dict[tuple[date, bool], int] = {}

    def person(self, category: str) -> tuple[str, Identity]:
        female = self.random.random() < (0.12 if category == "army" else 0.30)
        age = self._age(category)
        born = date(2026 - age, self.random.randrange(1, 13), self.random.randrange(1, 28))
        number = self._number(born, female)
        return person_name(self.random, female), Identity(number, born, Sex.FEMALE if female else Sex.MALE)

    def _age(self, category: str) -> int:
        if category in ("leader", "army", "private"):
            return int(self.random.triangular(24, 59, 42))
        if category == "technical":
            return int(self.random.triangular(23, 60, 38))
        return int(self.random.triangular(21, 82, 44))

    def _number(self, born: date, female: bool) -> str:
        """The order number's last digit is even for women; the check digit comes last."""
        order = self.given.get((born, female), 0)
        self.given[born, female] = order + 1
        body = f"{AREA}{born:%Y%m%d}{2 * order + (0 if female else 1):03d}"
        return body + ric.calc_check_digit(f"{body}0")
