"""Reads a `contest/1`, prints an `outcome/1` (SPEC.md). Judges only the shape of the input; `outcome.py` decides."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

from election import rules, texts
from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    ContestRules,
    MajorityBase,
    Outcome,
    Quorum,
    TieRule,
    WriteInCount,
    WriteInRule,
    decide,
)

CONTEST_FORMAT: Final = "contest/1"
OUTCOME_FORMAT: Final = "outcome/1"
# A technical bound on the digits of one number: far beyond any count, and every sum of such numbers still prints.
MOST_DIGITS: Final = 1000
LONGEST_SHOWN: Final = 60

Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")


class BadContest(ValueError):
    """Input that is no contest: one line that begins with the place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)


class _Repeated(dict[str, Any]):
    """An object that gives `key` twice; refused where its place is known."""

    key = ""


class _Endless(int):
    """A number of too many digits; refused where its place is known."""


def decide_command(path: Path | str, stdout: TextIO, stderr: TextIO | None = None) -> int:
    """`decide CONTEST`: 0 whatever the outcome, 2 for bad input with exactly one line on standard error."""
    stderr = sys.stderr if stderr is None else stderr
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError):
        stderr.write(f"{_one_line(str(path))}: cannot be read\n")
        return 2
    try:
        contest = read_contest(content)
    except BadContest as problem:
        stderr.write(f"{problem}\n")
        return 2
    stdout.write(print_outcome(decide(contest)))
    return 0


def print_outcome(outcome: Outcome) -> str:
    return json.dumps(outcome_json(outcome), ensure_ascii=False, indent=2) + "\n"


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    findings = []
    for finding in outcome.findings:
        said = texts.sentence(finding.code, finding.params)
        findings.append(
            {"code": finding.code, "severity": finding.severity, "field": finding.field, "zh": said.zh, "en": said.en}
        )
    return {
        "format": OUTCOME_FORMAT,
        "status": outcome.status,
        "votes_needed": outcome.votes_needed,
        "elected": list(outcome.elected),
        "tied": list(outcome.tied),
        "tied_seats": outcome.tied_seats,
        "shortfall": outcome.shortfall,
        "follow_up": outcome.follow_up,
        "findings": findings,
    }


def read_contest(content: bytes) -> ContestInput:
    """Raises BadContest for bytes that are no contest/1."""
    return parse_contest(_load(content))


def _load(content: bytes) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) == len(pairs):
            return table
        repeated, seen = _Repeated(table), set()
        for key, _ in pairs:
            if key in seen:
                repeated.key = key
                break
            seen.add(key)
        return repeated

    def whole(digits: str) -> int:
        return int(digits) if len(digits) <= MOST_DIGITS else _Endless()

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadContest("", f"byte {problem.start}: not UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=once, parse_int=whole)
    except json.JSONDecodeError as problem:
        raise BadContest(f"line {problem.lineno} column {problem.colno}", "not JSON") from None
    except RecursionError:
        raise BadContest("", "not a contest: nested too deeply") from None


def _one_line(text: str) -> str:
    return text if text and text.isprintable() else json.dumps(text)


def _shown(text: str) -> str:
    """A name from the input, on one line and not too long, whatever it holds."""
    return _one_line(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _table(value: object, place: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadContest(place, "must be an object")
    if isinstance(value, _Repeated):
        raise BadContest(_at(place, _shown(value.key)), "given twice in one object")
    for key in value:
        if key not in required and key not in optional:
            raise BadContest(_at(place, _shown(key)), "unknown key")
    for key in required:
        if key not in value:
            raise BadContest(_at(place, key), "is missing")
    return value


def _whole(value: object, place: str, least: int = 0) -> int:
    """An integer, or a decimal string of one."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        if len(value) > MOST_DIGITS:
            raise BadContest(place, f"must not have more than {MOST_DIGITS} digits")
        value = int(value)
    if isinstance(value, _Endless):
        raise BadContest(place, f"must not have more than {MOST_DIGITS} digits")
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadContest(place, "must be an integer")
    if value < least:
        raise BadContest(place, "must not be negative" if least == 0 else f"must be at least {least}")
    return value


def _choice(value: object, place: str, kinds: type[Choice]) -> Choice:
    if isinstance(value, str) and value in [kind.value for kind in kinds]:
        return kinds(value)
    raise BadContest(place, "must be one of " + ", ".join(kind.value for kind in kinds))


def _list(value: object, place: str, read: Callable[[object, str], Item]) -> tuple[Item, ...]:
    if not isinstance(value, list):
        raise BadContest(place, "must be a list")
    return tuple(read(each, f"{place}[{number}]") for number, each in enumerate(value))


def _id(value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadContest(place, "must be a text that is not empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadContest(place, "is not valid Unicode") from None
    return value


def _candidate(value: object, place: str) -> CandidateCount:
    table = _table(value, place, ("id", "for", "against", "abstain"))
    return CandidateCount(
        _id(table["id"], f"{place}.id"),
        *(_whole(table[mark], f"{place}.{mark}") for mark in ("for", "against", "abstain")),
    )


def _write_in(value: object, place: str) -> WriteInCount:
    table = _table(value, place, ("id", "for", "eligible"))
    if not isinstance(table["eligible"], bool):
        raise BadContest(f"{place}.eligible", "must be true or false")
    return WriteInCount(_id(table["id"], f"{place}.id"), _whole(table["for"], f"{place}.for"), table["eligible"])


def _quorum(value: object, place: str) -> Quorum:
    try:
        if isinstance(value, str):
            return Quorum.parse(value)
    except ValueError:
        pass
    raise BadContest(place, 'must be a share such as "4/5" (at least) or ">1/2" (more than)')


def _rules(value: object) -> ContestRules:
    """What is left out has the default of the catalogue of rules."""
    table = _table(value, "rules", (), ("quorum", "majority_base", "margin", "write_in", "tie_at_cut"))

    def given(name: str, rule: str) -> object:
        return table.get(name, rules.BY_NAME[rule].default)

    return ContestRules(
        _quorum(given("quorum", "quorum_meeting"), "rules.quorum"),
        _choice(given("majority_base", "majority_base"), "rules.majority_base", MajorityBase),
        _whole(given("margin", "margin_min"), "rules.margin"),
        _choice(given("write_in", "write_in"), "rules.write_in", WriteInRule),
        _choice(given("tie_at_cut", "tie_at_cut"), "rules.tie_at_cut", TieRule),
    )


def parse_contest(data: object) -> ContestInput:
    """The contest in decoded JSON. Raises BadContest naming the first place that is wrong."""
    if not isinstance(data, dict):
        raise BadContest("", "a contest must be a JSON object")
    table = _table(
        data,
        "",
        ("format", "kind", "seats", "electors", "ballots", "candidates"),
        ("write_ins", "rules"),
    )
    if table["format"] != CONTEST_FORMAT:
        raise BadContest("format", f"must be {CONTEST_FORMAT}")
    electors = _table(table["electors"], "electors", ("expected", "present"))
    ballots = _table(table["ballots"], "ballots", ("issued", "returned", "valid", "spoiled"))
    candidates = _list(table["candidates"], "candidates", _candidate)
    write_ins = _list(table.get("write_ins", []), "write_ins", _write_in)
    ids = [(f"candidates[{number}].id", entry.id) for number, entry in enumerate(candidates)]
    ids += [(f"write_ins[{number}].id", entry.id) for number, entry in enumerate(write_ins)]
    seen: set[str] = set()
    for place, name in ids:
        if name in seen:
            raise BadContest(place, f"{_shown(name)} is given twice")
        seen.add(name)
    return ContestInput(
        kind=_choice(table["kind"], "kind", ContestKind),
        seats=_whole(table["seats"], "seats", least=1),
        expected=_whole(electors["expected"], "electors.expected"),
        present=_whole(electors["present"], "electors.present"),
        issued=_whole(ballots["issued"], "ballots.issued"),
        returned=_whole(ballots["returned"], "ballots.returned"),
        valid=_whole(ballots["valid"], "ballots.valid"),
        spoiled=_whole(ballots["spoiled"], "ballots.spoiled"),
        candidates=candidates,
        write_ins=write_ins,
        rules=_rules(table.get("rules", {})),
    )
