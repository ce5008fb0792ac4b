"""The state machine of a count form."""

from __future__ import annotations

from election.machine import Worded


class EntryState(Worded):
    EMPTY = "empty", "未录入", "empty"
    FIRST_IN_PROGRESS = "first_in_progress", "第一次录入中", "first in progress"
    CONFIRMED = "confirmed", "已确认", "confirmed"
