"""Prints the tables of the docs from the code: `python -m election.printed` writes them. Decides nothing.

A test compares what lies in `docs/` with what the code says now.
"""

from __future__ import annotations

from pathlib import Path

from election.congress import lifecycle as phases
from election.count import check_codes, entry
from election.meeting import lifecycle as meetings
from election.nomination import lifecycle as nomination
from election.people.permissions import ALLOWED
from election.quotas import lifecycle as schemes
from election.results import lifecycle as results
from election.rules import RULES

DOCS = Path(__file__).parent.parent / "docs"
NOTE = "<!-- Printed by `python -m election.printed`; change the code, not this file. -->\n"


def machines() -> str:
    """Every state machine: states down, acts across, an empty cell is a refusal."""
    parts = [
        ("Phases 阶段", phases.print_table()),
        ("Allocation scheme 名额分配方案", schemes.print_table()),
        ("Application and slate 报名与候选人名单", nomination.print_table()),
        ("Meeting 选举大会", meetings.print_table()),
        ("Count form 计票单", entry.print_table()),
        ("Results 选举结果", results.print_table()),
    ]
    body = "\n".join(f"## {title}\n\n{table}" for title, table in parts)
    return f"{NOTE}# State machines\n\nStates down, acts across; an empty cell is refused with a named code.\n\n{body}"


def checks() -> str:
    """The codes of a count form's checks."""
    return f"{NOTE}# Checks of a count form\n\n{check_codes.print_table()}"


def permissions() -> str:
    """Which role may do what."""
    lines = [f"| `{permission.value}` | {', '.join(sorted(ALLOWED[permission]))} |" for permission in ALLOWED]
    return f"{NOTE}# Permissions\n\n| permission | roles |\n|---|---|\n" + "\n".join(lines) + "\n"


def rules() -> str:
    """The catalogue of rules with their defaults, what else they may be, and where they are written."""
    lines = []
    for rule in RULES:
        others = (
            ", ".join(f"`{value}`" for value in rule.choices if value != rule.default)
            if rule.choices is not None
            else f"{rule.least} to {rule.most}"
        )
        lines.append(
            f"| `{rule.name}` | {rule.zh} | {rule.en} | `{rule.default}` | {others} | {rule.source} | {rule.basis.value} |"
        )
    head = "| rule | 规则 | in English | default | may also be | source | basis |\n|---|---|---|---|---|---|---|\n"
    basis = "Basis: V wording seen, S said in the founding documents, P practice, I inferred.\n\n"
    return f"{NOTE}# Rules\n\n{basis}{head}" + "\n".join(lines) + "\n"


PRINTED = {"machines.md": machines, "count-checks.md": checks, "permissions.md": permissions, "rules.md": rules}


def main() -> None:
    for name, text in PRINTED.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
