"""Speed of count entry: a real draft save against the barest one, and a hall of eighty tellers who all save at once.

The real one goes through the whole application: sign-in, roles, form token, the form's state, the meeting's own tellers. The
bare one is a Flask route that inserts the same JSON by SQLAlchemy. Both are served by the same server, in turns, and both
wait for the same disk.

The hall is served by a process of its own; those who ask sit in this one and mostly wait. Beside the eighty, other desks open
their pages all the time: whoever renders a page keeps whoever saves from the processor, as on the evening.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from tests.support.evening import SCRUTINEERS
from tests.support.hall import Desk, Visitor, desks, installed_hall, serving, visitors
from webapp.settings import read_settings

SIDE_BY_SIDE, SAVES, TURNS = 4, 60, 5
# Each of the eighty saves a field every second for a while: faster than anybody reads figures from paper.
PAUSE, FIELDS = 1.0, 15
# The first of them find a server that has just begun, whose log still grows with every save: an evening is longer.
BEGINNING = 5
# Who else sits in the hall: a scrutineer and a unit's clerk.
UNIT = "u1"
OTHERS = (SCRUTINEERS[0], UNIT)


def bench_save_entry_over_bare_insert_rate() -> float:
    """Draft saves a second over bare inserts a second, both by the same tellers; the median of turns."""
    with _served(units=1, tellers=SIDE_BY_SIDE) as (tellers, _), ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def rate(at: str) -> float:
            started = time.perf_counter()
            for done in [pool.submit(_save_all, teller, at) for teller in tellers]:
                done.result()
            return SIDE_BY_SIDE * SAVES / (time.perf_counter() - started)

        rate("")
        rate("/bare")
        pairs = [(rate(""), rate("/bare")) for _ in range(TURNS)]
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    print(f"{ours:.0f} draft saves a second against {theirs:.0f} bare inserts", file=sys.stderr)
    return median(mine / bare for mine, bare in pairs)


def bench_eighty_tellers() -> Mapping[str, float]:
    """All of them saving every field: how long a save takes over how long pages take at the same time in the same hall."""
    with _served(pages=True) as (tellers, (scrutineer, clerk)), ThreadPoolExecutor(len(tellers) + len(OTHERS)) as pool:
        readers = {
            "teller": (tellers[0], f"/c/xian-14/tally/{tellers[0].paper.number}"),
            "scrutineer": (scrutineer, "/c/xian-14/scrutiny/"),
            "unit": (clerk, f"/c/xian-14/units/{UNIT}/meeting"),
        }
        begin = time.perf_counter() + PAUSE
        reading = {
            desk: pool.submit(_at_pace, _opening(who, path), begin + PAUSE * place / len(readers), FIELDS)
            for place, (desk, (who, path)) in enumerate(readers.items())
        }
        typing = [
            pool.submit(_at_pace, _typing(teller), begin + PAUSE * place / len(tellers), FIELDS)
            for place, teller in enumerate(tellers[1:])
        ]
        saves = sorted(seconds for one in typing for seconds in one.result()[BEGINNING:])
        pages = {desk: sorted(one.result()[BEGINNING:]) for desk, one in reading.items()}
    usual = {desk: median(seconds) for desk, seconds in pages.items()}
    slowest, late = max(seconds[-1] for seconds in pages.values()), quantiles(saves, n=100)[-1]
    told = ", ".join(f"{desk} {seconds * 1000:.0f} ms" for desk, seconds in usual.items())
    print(
        f"{len(tellers)} tellers, {len(saves)} saves: half within {median(saves) * 1000:.0f} ms, 99 of 100 within "
        f"{late * 1000:.0f} ms, all within {saves[-1] * 1000:.0f} ms; half of the pages: {told}; all within "
        f"{slowest * 1000:.0f} ms",
        file=sys.stderr,
    )
    return {
        "save_over_page": median(saves) / usual["teller"],
        "slow_save_over_page": late / usual["teller"],
        "slowest_save_over_slowest_page": saves[-1] / slowest,
        **{f"{desk}_page_over_save": seconds / median(saves) for desk, seconds in usual.items()},
    }


@contextmanager
def _served(*, pages: bool = False, **size: int) -> Iterator[tuple[list[Desk], list[Visitor]]]:
    """The hall's tellers, and those of `OTHERS`, at a server."""
    with (
        TemporaryDirectory() as folder,
        installed_hall(Path(folder), **size) as hall,
        serving(Path(folder), pages=pages) as server,
    ):
        settings = read_settings(folder)
        tellers, others = desks(hall, settings, server.address), visitors(hall, settings, server.address, OTHERS)
        yield tellers, others
        for one in (*tellers, *others):
            one.leave()


def _save_all(teller: Desk, at: str) -> None:
    for number in range(SAVES):
        _expect(teller.save(teller.paper.fields | {"attendance.present": str(number)}, at=at))


def _typing(teller: Desk) -> Callable[[int], int]:
    """One field more each time, as a teller fills the paper from its top."""
    names = list(teller.paper.fields)

    def save(turn: int) -> int:
        return teller.save(teller.paper.fields | dict.fromkeys(names[: turn + 1], str(turn)))

    return save


def _opening(who: Visitor, path: str) -> Callable[[int], int]:
    return lambda _turn: who.get(path)


def _at_pace(ask: Callable[[int], int], begin: float, times: int) -> list[float]:
    """Asks `times` times, a pause apart whatever the answers take; how long each answer took."""
    took = []
    for turn in range(times):
        time.sleep(max(0.0, begin + PAUSE * turn - time.perf_counter()))
        started = time.perf_counter()
        _expect(ask(turn))
        took.append(time.perf_counter() - started)
    return took


def _expect(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"the server answered {status}")
