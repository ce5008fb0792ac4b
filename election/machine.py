"""What all state machines of the house share: states and acts with their words in both languages, the look-up in a
table of transitions, and the table printed for the docs. Knows no machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from election.errors import Refused


class Bilingual(Protocol):
    """Anything that can be said in both languages, such as `texts.Sentence`."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class Worded(StrEnum):
    """A state or an act: the value is stored, the words are shown. A template writes `{state:zh}` or `{state:en}`."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Worded:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.en = en
        return member

    def __format__(self, language: str) -> str:
        return in_language(self, language, self.value)


@dataclass(frozen=True, slots=True)
class Words:
    """A parameter that differs by language: `{blockers:zh}`, `{blockers:en}`."""

    zh: str
    en: str

    def __format__(self, language: str) -> str:
        return in_language(self, language, self.zh)


def in_language(words: Bilingual, language: str, otherwise: str) -> str:
    return {"zh": words.zh, "en": words.en}.get(language, otherwise)


def listed(items: Iterable[Bilingual | str]) -> Words:
    """Several reasons as one parameter."""
    pairs = [(item, item) if isinstance(item, str) else (item.zh, item.en) for item in items]
    return Words("；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs))


State = TypeVar("State", bound=Worded)
Act = TypeVar("Act", bound=Worded)


def step(machine: str, table: Mapping[tuple[State, Act], State], state: State, action: Act) -> State:
    """Where an act leads by the table; what is not in it is refused as `<machine>.not_now`."""
    try:
        return table[state, action]
    except KeyError:
        raise Refused(f"{machine}.not_now", state=state, action=action) from None


def require_reason(machine: str, reason: str) -> None:
    """An act that must be explained (edge case 19, and every refusal or return)."""
    if not reason.strip():
        raise Refused(f"{machine}.reason_missing", field="reason")


def table_markdown(states: Iterable[State], actions: Iterable[Act], table: Mapping[tuple[State, Act], State]) -> str:
    """The states × acts table for the docs. An empty cell is a refusal."""
    acts = list(actions)
    lines = ["| | " + " | ".join(f"{act.zh} `{act.value}`" for act in acts) + " |", "|---" * (len(acts) + 1) + "|"]
    for state in states:
        cells = [f"`{table[state, act].value}`" if (state, act) in table else "" for act in acts]
        lines.append(f"| {state.zh} `{state.value}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
