"""Where objections to a notice are received: the body, its address, telephone and hours, as the notice says them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from election.errors import Refused

LONGEST = 80
LABELS = {"body": "受理单位", "address": "地址", "telephone": "联系电话", "hours": "受理时间"}


@dataclass(frozen=True, slots=True)
class Reception:
    """What is not known stays empty, and is not said."""

    body: str = ""
    address: str = ""
    telephone: str = ""
    hours: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> Reception:
        """As it was kept with a notice; one without it says nothing."""
        return cls(**{each.name: str((kept or {}).get(each.name, "")) for each in fields(cls)})

    def kept(self) -> dict[str, str]:
        """To keep with a notice. Raises Refused where a field is too long."""
        found = {name: " ".join(words.split()) for name, words in asdict(self).items()}
        for name, words in found.items():
            if len(words) > LONGEST:
                raise Refused("notice.reception_long", field=name, most=LONGEST)
        return found

    def sentence(self) -> str:
        """One line of the notice; empty where nothing is known."""
        said = "；".join(f"{LABELS[name]}：{words}" for name, words in asdict(self).items() if words)
        return f"{said}。" if said else ""
