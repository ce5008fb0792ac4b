"""The seat letter (名额通知) of a unit: the facts that its fingerprint covers, and the sentences printed around them. Pure.

The facts come from what approval froze (the scheme's own problem and answer, the assigned seats, the margin), so that
a letter read years later still has the fingerprint that was printed on it, whatever was renamed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.contests.outcome import candidates_needed
from election.documents.paper import in_fours
from election.rules import BY_NAME
from election.texts import chinese_date

FORMAT = "seat-letter/1"
NONE = "—"


@dataclass(frozen=True, slots=True)
class LetterCell:
    """The unit's seats of one category: `assigned` of them uncontested, `candidates` the fewest for the others."""

    id: str
    name: str
    seats: int
    assigned: int
    candidates: int

    @property
    def contested(self) -> int:
        return self.seats - self.assigned


@dataclass(frozen=True, slots=True)
class Replaced:
    """The unit's letter before, void with this one: its facts, and the fingerprint that was printed on it."""

    letter: Letter
    hash: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, as it is hashed. `overlays`: (id, seats); `margin` in percent.

    `replaces`: the letter that this one makes void; the one before that is no part of it.
    """

    congress: str
    scheme: int
    scheme_hash: str
    number: int
    unit: str
    unit_name: str
    issued_on: date
    margin: int
    cells: tuple[LetterCell, ...]
    overlays: tuple[tuple[str, int], ...]
    replaces: Replaced | None = None

    @property
    def seats(self) -> int:
        return sum(cell.seats for cell in self.cells)

    @property
    def assigned(self) -> int:
        return sum(cell.assigned for cell in self.cells)

    @property
    def candidates(self) -> int:
        return sum(cell.candidates for cell in self.cells)

    @property
    def reference(self) -> str:
        """The letter's number as offices write it; it runs on through all versions of a congress."""
        return f"名额通知〔{self.issued_on.year}〕{self.number}号"

    def to_json(self) -> dict[str, Any]:
        """What the fingerprint is taken of."""
        before = self.replaces
        return self._own() | {"replaces": None if before is None else before.letter._own() | {"hash": before.hash}}

    def _own(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "congress": self.congress,
            "scheme": self.scheme,
            "scheme_hash": self.scheme_hash,
            "number": self.number,
            "unit": {"code": self.unit, "name": self.unit_name},
            "issued_on": self.issued_on.isoformat(),
            "margin": self.margin,
            "categories": [
                {
                    "id": cell.id,
                    "name": cell.name,
                    "seats": cell.seats,
                    "assigned": cell.assigned,
                    "candidates": cell.candidates,
                }
                for cell in self.cells
            ],
            "overlays": [{"id": key, "seats": seats} for key, seats in self.overlays],
        }


@dataclass(frozen=True, slots=True)
class Frozen:
    """What approval froze of a scheme. `assigned`: (unit, category) → seats; `margin` in percent."""

    congress: str
    scheme: int
    scheme_hash: str
    problem: Mapping[str, Any]
    allocation: Mapping[str, Any]
    assigned: Mapping[tuple[str, str], int]
    margin: int


def letter_of(frozen: Frozen, unit: str, number: int, issued_on: date, replaces: Replaced | None = None) -> Letter:
    """The letter of the unit with this code. Raises KeyError for a unit that the scheme does not know."""
    place = {line["id"]: at for at, line in enumerate(frozen.problem["units"])}[unit]
    line = frozen.problem["units"][place]
    cells = []
    for category, seats in zip(frozen.problem["categories"], frozen.allocation["seats"][place], strict=True):
        assigned = frozen.assigned.get((unit, category["id"]), 0)
        # RULES 3.7: assigned seats are a contest of their own, outside the margin.
        needed = candidates_needed(seats - assigned, frozen.margin)
        cells.append(LetterCell(category["id"], category.get("name", category["id"]), seats, assigned, needed))
    return Letter(
        congress=frozen.congress,
        scheme=frozen.scheme,
        scheme_hash=frozen.scheme_hash,
        number=number,
        unit=unit,
        unit_name=line.get("name", unit),
        issued_on=issued_on,
        margin=frozen.margin,
        cells=tuple(cells),
        overlays=tuple(
            (overlay["id"], int(frozen.allocation["overlays"][overlay["id"]][place]))
            for overlay in frozen.problem.get("overlays", ())
        ),
        replaces=replaces,
    )


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A category whose seats are others than in the letter before."""

    name: str
    before: int
    after: int


def seat_changes(letter: Letter) -> tuple[SeatChange, ...]:
    """The categories whose seats changed, in the letter's order, those that it no longer has last."""
    return _moved(letter, lambda cell: cell.seats)


def _moved(letter: Letter, number: Callable[[LetterCell], int]) -> tuple[SeatChange, ...]:
    if letter.replaces is None:
        return ()
    before = {cell.id: cell for cell in letter.replaces.letter.cells}
    after = {cell.id: cell for cell in letter.cells}
    found = (
        SeatChange(cell.name, *(number(side[key]) if key in side else 0 for side in (before, after)))
        for key, cell in (before | after).items()
    )
    return tuple(one for one in found if one.before != one.after)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the facts on paper and page and is no part of them: the words for the congress's own things."""

    congress: str
    sender: str
    overlays: Mapping[str, str]


def title_lines(congress: str) -> tuple[str, str]:
    return f"关于{congress}", "代表名额分配的通知"


def opening(letter: Letter, around: Surroundings) -> str:
    told = "现将你单位的代表名额通知如下：" if letter.seats else "现将有关情况通知如下："
    approved = f"《{around.congress}代表名额分配方案》（方案{letter.scheme}）已经批准"
    if letter.replaces is None:
        return f"{approved}。{told}"
    return f"{approved}，原{letter.replaces.letter.reference}同时作废。{compared(letter, around)}{told}"


def compared(letter: Letter, around: Surroundings) -> str:
    """What is no longer as the letter before said, in one sentence; nothing where there was none."""
    if letter.replaces is None:
        return ""
    before = letter.replaces.letter
    seats = seat_changes(letter)
    parts = [f"{one.name}由{one.before}名改为{one.after}名" for one in seats] or ["名额未变"]
    if before.seats != letter.seats:
        parts.append(f"合计由{before.seats}名改为{letter.seats}名")
    assigned = _moved(letter, lambda cell: cell.assigned)
    parts += [f"{one.name}中等额安排由{one.before}名改为{one.after}名" for one in assigned]
    wanted = dict(before.overlays), dict(letter.overlays)
    for key in wanted[0] | wanted[1]:
        old, new = (side.get(key, 0) for side in wanted)
        if old != new:
            parts.append(f"其中{around.overlays.get(key, key)}由不少于{old}名改为不少于{new}名")
    return f"与原通知相比：{'，'.join(parts)}。"


def table(letter: Letter) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the seats: categories across, the sum last; a row of nothing is left out."""

    def row(label: str, numbers: Iterable[int], total: int) -> list[str]:
        return [label, *(str(number) if number else NONE for number in numbers), str(total)]

    head = ["", *(cell.name for cell in letter.cells), "合计"]
    rows = [row("代表名额", (cell.seats for cell in letter.cells), letter.seats)]
    contested = letter.seats - letter.assigned
    if letter.assigned:
        rows.append(row("其中等额安排", (cell.assigned for cell in letter.cells), letter.assigned))
        if contested:
            rows.append(row("其中差额选举", (cell.contested for cell in letter.cells), contested))
    if contested:
        rows.append(row("差额候选人不少于", (cell.candidates for cell in letter.cells), letter.candidates))
    return head, rows


def paragraphs(letter: Letter, around: Surroundings) -> list[str]:
    """The numbered points of the letter; the table of seats follows the first."""
    if not letter.seats:
        points = ["本次代表名额分配，你单位没有名额。", "请签收本通知，并向所辖党组织说明。"]
    else:
        points = [f"代表名额。你单位应选代表{letter.seats}名，构成如下："]
        points += filter(None, (_overlays(letter, around), _candidates(letter)))
        points.append(
            "请收到后签收，核对党员花名册、公布有选举权的党员名单，组织党员在所在支部按类别报名、推选，"
            "按类别足额提出候选人；名额不在类别之间、单位之间调剂。"
        )
    return [f"{numeral}、{text}" for numeral, text in zip("一二三四", points, strict=False)]


def _overlays(letter: Letter, around: Surroundings) -> str:
    """其中: floors, never summed."""
    wanted = [f"{around.overlays.get(key, key)}不少于{seats}名" for key, seats in letter.overlays if seats]
    return f"其中要求。代表中{'，'.join(wanted)}；各项可以交叉，不另加名额。" if wanted else ""


def _candidates(letter: Letter) -> str:
    contested = letter.seats - letter.assigned
    rule = BY_NAME["margin_min"]
    text = "候选人。"
    if contested:
        text += (
            f"差额选举的{contested}名按类别分别差额，差额比例不低于{rule.shown(letter.margin)}，不足一人的按一人计，"
            f"各类别候选人不少于上表所列人数（依据：{rule.source}）。"
        )
    if letter.assigned:
        text += f"等额安排的{letter.assigned}名由县委安排人选，不计差额。"
    return text


def on_paper(letter: Letter, around: Surroundings, fingerprint: str) -> dict[str, Any]:
    """The data of the template `letter`."""
    head, rows = table(letter)
    return {
        "sender": around.sender,
        "number": letter.reference,
        "title": title_lines(around.congress),
        "unit": letter.unit_name,
        "opening": opening(letter, around),
        "points": paragraphs(letter, around),
        "table": {"head": head, "rows": rows} if letter.seats else None,
        "date": chinese_date(letter.issued_on),
        "prints": [
            {"label": "本通知数据指纹", "fours": in_fours(fingerprint)},
            {"label": f"方案{letter.scheme}指纹", "fours": in_fours(letter.scheme_hash)},
        ],
        "receipt": _receipt(letter),
    }


def _receipt(letter: Letter) -> str:
    """Signed apart from the letter, it says by itself that the one before no longer counts."""
    void = "" if letter.replaces is None else f"；原{letter.replaces.letter.number}号作废"
    return f"{letter.reference}已收到：{letter.unit_name}，代表名额{letter.seats}名{void}。"
