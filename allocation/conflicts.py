"""Why a problem has no answer: irreducible sets of rules that cannot hold together, in words, and how to mend them.

What cannot hold comes from a minimum cut or from the proof of a linear program; rules are then left out until every one
that remains is needed.
"""

from __future__ import annotations

from allocation.answer import Conflict
from allocation.holding import Breach, Holding
from allocation.problem import Problem
from allocation.relax import smallest
from allocation.rulebook import Rule, Rulebook, rulebook
from allocation.texts import joined, sentence
from allocation.totals import NoTotals, category_ranges, unit_ranges

MOST_CONFLICTS = 5  # more sentences help nobody; the rest of what mends stands with the last
SHORT = 12  # longer conflicts are thinned in one way only


def explain(problem: Problem) -> tuple[Conflict, ...]:
    """The conflicts of a problem, each with its part of the smallest relaxation; nothing for one that can be solved."""
    book, holding = rulebook(problem), Holding(problem)
    if not book.underivable and holding.breach(book.rules) is None:
        return ()
    fixes = smallest(book, holding)
    active = list(book.rules)
    conflicts: list[Conflict] = []
    while len(conflicts) < MOST_CONFLICTS:
        found = _next(book, holding, active)
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


def _next(book: Rulebook, holding: Holding, active: list[Rule]) -> tuple[tuple[str, ...], str, str] | None:
    """One irreducible conflict among the active rules: their paths, in words."""
    breach = holding.breach(active)
    if breach is None:
        return None
    involved = [rule for rule in active if any(rule is other for other in breach.rules)]
    if any(rule.kind == "group" for rule in involved):
        involved = min(involved, _narrowed(holding, active), _narrowed(holding, active[::-1]), key=len)
    rules = _irreducible(holding, [rule for rule in active if any(rule is other for other in involved)])
    final = holding.breach(rules)
    assert final is not None
    return tuple(rule.path for rule in rules), *_words(book.problem, rules, final)


def _narrowed(holding: Holding, active: list[Rule]) -> list[Rule]:
    """The rules without ever smaller stretches of them, as long as the rest still conflicts."""
    rules, size = active, len(active) // 2
    while size >= 1:
        at = 0
        while at < len(rules):
            rest = rules[:at] + rules[at + size :]
            if rest and not holding.possible(rest):
                rules = rest
            else:
                at += size
        size //= 2
    return rules


def _irreducible(holding: Holding, rules: list[Rule]) -> list[Rule]:
    """The rules thinned until every one of them is needed for the conflict; if few, the shorter of two ways to thin them."""
    ways: list[list[Rule]] = []
    for start in (rules, rules[::-1])[: 2 if len(rules) <= SHORT else 1]:
        kept = start
        for rule in start:
            rest = [other for other in kept if other is not rule]
            if not holding.possible(rest):
                kept = rest
        ways.append(kept)
    shorter = min(ways, key=len)
    return [rule for rule in rules if any(rule is other for other in shorter)]


def _words(problem: Problem, rules: list[Rule], breach: Breach) -> tuple[str, str]:
    if any(rule.kind == "group" for rule in rules):
        named = [_named(problem, rule) for rule in rules]
        return sentence(
            "conflict.groups",
            {"rules_zh": joined([zh for zh, _ in named])[0], "rules_en": joined([en for _, en in named])[1]},
        )
    demand = [_named(problem, rule) for rule, _ in breach.demand]
    limits = [_named(problem, rule) for rule, _ in breach.limits]
    need, room = round(breach.need), round(breach.room)
    params = {
        "need": need,
        "room": room,
        "short": need - room,
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
        params: dict[str, object] = dict(error.params)
        if "line" in params:
            lines = problem.units if error.side == "units" else problem.categories
            params["line"] = lines[error.params["line"]].name
        zh, en = sentence(f"totals.{error.code}", params)
        return Conflict(error.rules, zh, en)
    zh, en = sentence("conflict.unknown")
    return Conflict((), zh, en)
