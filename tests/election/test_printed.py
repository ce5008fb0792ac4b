"""The tables in the docs are what the code says."""

from __future__ import annotations

import pytest

from election.printed import DOCS, PRINTED


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_the_printed_table_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PRINTED[name](), "run: python -m election.printed"
