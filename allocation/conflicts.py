"""Why a problem has no answer: irreducible sets of rules that cannot hold together, in words, and how to mend them.

Without groups a minimum cut shows the rules in conflict and by how much they miss each other; with groups an integer
program tells whether rules can hold, and rules are left out until every one that remains is needed.
"""

from __future__ import annotations

from allocation.answer import Conflict
from allocation.problem import Problem
from allocation.relax import holds, smallest, solvable
from allocation.rulebook import Rule, Rulebook, Shortage, irreducible, rulebook, shortage
from allocation.texts import joined, sentence
from allocation.totals import NoTotals, category_ranges, unit_ranges

MOST_CONFLICTS = 20


def explain(problem: Problem) -> tuple[Conflict, ...]:
    """The conflicts of a problem, each with its part of the smallest relaxation; nothing for one that can be solved."""
    if solvable(problem):
        return ()
    fixes = dict(smallest(problem))
    book = rulebook(problem)
    active = list(book.rules)
    conflicts: list[Conflict] = []
    while len(conflicts) < MOST_CONFLICTS:
        found = _next(book, active)
        if found is None:
            break
        rules, zh, en = found
        mine = next((fix for fix in fixes.values() if fix.of in rules), None)
        if mine is None and conflicts:
            # What remains is a derived total that moves by itself when the ones above are changed.
            active = [rule for rule in active if rule.path not in rules or rule.kind not in book.derived]
            if all(rule.path in {r.path for r in active} for rule in book.rules if rule.path in rules):
                break
            continue
        if mine is not None:
            del fixes[mine.rule]
            active = [rule for rule in active if rule.path != mine.of]
        conflicts.append(Conflict(rules, zh, en, (mine,) if mine else ()))
        if mine is None:
            break
    if not conflicts:
        conflicts.append(_underivable(problem))
    last = conflicts[-1]
    conflicts[-1] = Conflict(last.rules, last.zh, last.en, (*last.relax, *fixes.values()))
    return tuple(conflicts)


def _next(book: Rulebook, active: list[Rule]) -> tuple[tuple[str, ...], str, str] | None:
    """One irreducible conflict among the active rules: their paths, in words."""
    short = shortage(book, [rule for rule in active if rule.kind != "group"])
    if short is not None:
        return _short(book, short)
    if not book.problem.groups or holds(book, active):
        return None
    ways = [_narrowed(book, active), _narrowed(book, active[::-1])]
    narrowed = {id(rule) for rule in min(ways, key=len)}
    rules = irreducible([rule for rule in active if id(rule) in narrowed], lambda some: holds(book, list(some)))
    named = [_named(book.problem, rule) for rule in rules]
    zh, en = sentence(
        "conflict.groups",
        {"rules_zh": joined([zh for zh, _ in named])[0], "rules_en": joined([en for _, en in named])[1]},
    )
    return tuple(rule.path for rule in rules), zh, en


def _narrowed(book: Rulebook, active: list[Rule]) -> list[Rule]:
    """Halves the rules as long as a half still conflicts; what remains is thinned one by one."""
    rules = list(active)
    size = len(rules) // 2
    while size >= 1:
        at = 0
        while at < len(rules):
            rest = rules[:at] + rules[at + size :]
            if rest and not holds(book, rest):
                rules = rest
            else:
                at += size
        size //= 2
    return rules


def _short(book: Rulebook, short: Shortage) -> tuple[tuple[str, ...], str, str]:
    wanted = {id(rule): rule for rule in (*short.demand, *short.limits)}
    in_order = [rule for rule in book.rules if id(rule) in wanted]
    rules = irreducible(in_order, lambda some: shortage(book, some) is None)
    final = shortage(book, rules)
    assert final is not None
    return tuple(rule.path for rule in rules), *_words(book.problem, final)


def _words(problem: Problem, short: Shortage) -> tuple[str, str]:
    demand = [_named(problem, rule) for rule in short.demand]
    limits = [_named(problem, rule) for rule in short.limits]
    params = {
        "need": short.need,
        "room": short.room,
        "short": short.need - short.room,
        "demand_zh": joined([zh for zh, _ in demand])[0],
        "demand_en": joined([en for _, en in demand])[1],
        "limits_zh": joined([zh for zh, _ in limits])[0],
        "limits_en": joined([en for _, en in limits])[1],
    }
    return sentence("conflict.short" if limits else "conflict.not_eligible", params)


def _named(problem: Problem, rule: Rule) -> tuple[str, str]:
    """A rule in a few words with its number."""
    if rule.kind == "unit":
        name = problem.units[rule.place[0]].name
    elif rule.kind == "category":
        name = problem.categories[rule.place[0]].name
    elif rule.kind == "group":
        name = problem.groups[rule.place[0]].name
    elif rule.kind == "cell":
        name = f"{problem.units[rule.place[0]].name}·{problem.categories[rule.place[1]].name}"
    else:
        return sentence("rule.total", {"seats": rule.low})
    if rule.exact:
        return sentence("rule.exact", {"name": name, "seats": rule.low})
    if rule.low is not None:
        return sentence("rule.min", {"name": name, "seats": rule.low})
    return sentence("rule.max", {"name": name, "seats": rule.high})


def _underivable(problem: Problem) -> Conflict:
    """Shares from which no totals of categories follow although nothing else stands in the way."""
    try:
        unit_ranges(problem)
        category_ranges(problem)
    except NoTotals as error:
        params = dict(error.params)
        if "line" in params:
            lines = problem.units if error.side == "units" else problem.categories
            params["line"] = lines[int(str(params["line"]))].name
        zh, en = sentence(f"totals.{error.code}", params)
        return Conflict(error.rules, zh, en)
    zh, en = sentence("conflict.unknown")
    return Conflict((), zh, en)
