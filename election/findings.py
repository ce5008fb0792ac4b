"""What a check found about entered data: an error stops, a warning asks for a tick."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable and documented, `field` is the path of the number it speaks of (`sections.3.valid`)."""

    code: str
    severity: Severity
    field: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
