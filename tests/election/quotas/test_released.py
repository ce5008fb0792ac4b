"""Locks that were put back after a computing: read off the two problems of a version, whatever the locks were."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from election.quotas.hand import Change, applied
from election.quotas.models import ChangeKind as Kind
from election.quotas.released import computed_with, released
from tests.election.quotas.problems import Matrix, counties, possible_changes
from tests.support.depth import examples


@examples(40)
@given(counties(groups=True), st.data())
def test_what_a_problem_was_computed_with_makes_it_again(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    base, seats = county
    some = st.lists(st.sampled_from(possible_changes(base, seats)), unique_by=lambda change: change.place, max_size=5)
    changes = data.draw(some)
    made = applied(base, changes)
    assert applied(base, computed_with(base, made)) == made
    assert released(base, made, computed_with(base, made)) == ()
    assert applied(base, released(base, made, ())) == made


def test_a_lock_that_is_still_a_change_is_not_released() -> None:
    base: dict[str, Any] = {
        "total": 4,
        "units": [{"id": "a", "weight": 1}, {"id": "b", "weight": 1}],
        "categories": [{"id": "x"}, {"id": "y"}],
        "at_most": [{"unit": "a", "category": "x", "seats": 3}],
    }
    cell = Change(Kind.CELL, "a", "x", "", 2, locked=True)
    unit = Change(Kind.UNIT, "b", None, "", 1, locked=True)
    made = applied(base, [cell, unit])
    assert released(base, made, [cell, unit]) == ()
    assert released(base, made, [unit]) == (cell,)
    assert released(base, made, [Change(Kind.CELL, "a", "x", "", 3, locked=False)]) == (unit,)
