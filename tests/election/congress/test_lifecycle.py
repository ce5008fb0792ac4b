"""The six phases: forward, one at a time, through a gate."""

from __future__ import annotations

from itertools import product

import pytest

from election.congress.lifecycle import Phase, advance, next_phase, print_table
from election.errors import Refused
from election.machine import Bilingual, Words
from election.texts import sentence

ORDER = ["preparation", "registration", "nomination", "election", "announcement", "archive"]


@pytest.mark.parametrize(("here", "there"), list(product(range(6), range(6))))
def test_from_every_phase_only_the_next_one_can_begin(here, there):
    phase, to = list(Phase)[here], list(Phase)[there]
    if there == here + 1:
        assert advance(phase, to) is to
        return
    with pytest.raises(Refused) as caught:
        advance(phase, to)
    assert caught.value.code == ("phase.no_way_back" if there <= here else "phase.not_next")
    said = sentence(caught.value.code, caught.value.params)
    assert phase.zh in said.zh
    assert to.en in said.en


def test_the_phases_stand_in_their_order():
    assert [phase.value for phase in Phase] == ORDER
    assert [next_phase(phase) for phase in Phase] == [*list(Phase)[1:], None]


def test_what_blocks_a_phase_is_listed_in_both_languages():
    blockers: list[Bilingual | str] = [Words("三个单位未确认", "three units unconfirmed"), "丁"]
    with pytest.raises(Refused) as caught:
        advance(Phase.ELECTION, Phase.ANNOUNCEMENT, blockers)
    said = sentence(caught.value.code, caught.value.params)
    assert caught.value.code == "phase.blocked"
    assert said.zh == "还不能进入“代表公告”阶段，有 2 项未完成：三个单位未确认；丁"
    assert said.en == "The phase “announcement” cannot begin yet; 2 blocking: three units unconfirmed; 丁"


def test_a_phase_is_stored_by_its_value_and_shown_by_its_words():
    assert f"{Phase.ELECTION}" == "election"
    assert f"{Phase.ELECTION:zh} {Phase.ELECTION:en}" == "代表选举 election"


def test_the_phases_are_printed_for_the_docs():
    assert "| `archive` | 资料整理 |  |" in print_table()
