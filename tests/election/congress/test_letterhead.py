"""In whose name official papers go out."""

from __future__ import annotations

import pytest

from election.congress.letterhead import sender_of


@pytest.mark.parametrize(("county", "sender"), [("某县", "中共某县委组织部"), ("", "县委组织部")])
def test_the_county_s_own_department_signs(county: str, sender: str) -> None:
    assert sender_of(county) == sender
